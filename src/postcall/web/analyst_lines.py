"""The sentences of an answer in pieces: text, and the marks that lead to what each of them rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from postcall.domain.analysis import Citation, Understood
from postcall.web import words
from postcall.web.list_view import call_path

MARK = re.compile(r"\[([qsc]\d+)\]")
_ITEM = "- "
_UNIT = re.compile(r"(?<=\d) (?=(?:%|s|min|h)(?!\w))")
"""Between a number and its unit, where no line is to end."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a sentence; with a link, or with what they were taken for."""

    text: str
    href: str = ""
    meaning: str = ""
    """Shown when it is pointed at: what the words were taken for, what a mark leads to, a quote."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of items."""

    is_list: bool
    lines: tuple[tuple[Piece, ...], ...]
    """Of a paragraph exactly one."""


def read_blocks(answer: str, marks: Mapping[str, Piece]) -> tuple[Block, ...]:
    """The lines of an answer, items that follow each other as one list. A mark that leads nowhere is left out."""
    blocks: list[Block] = []
    for line in answer.splitlines():
        is_item = line.startswith(_ITEM)
        text = line.removeprefix(_ITEM).strip()
        if not text:
            continue
        pieces = read_line(text, marks)
        if is_item and blocks and blocks[-1].is_list:
            blocks[-1] = Block(True, (*blocks[-1].lines, pieces))
        else:
            blocks.append(Block(is_item, (pieces,)))
    return tuple(blocks)


def read_line(text: str, marks: Mapping[str, Piece]) -> tuple[Piece, ...]:
    """One line with its marks, those left out that lead nowhere."""
    text = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    pieces, place = list[Piece](), 0
    for found in MARK.finditer(text):
        pieces.append(Piece(words.visible(text[place : found.start()].rstrip(" "))))
        if found[1] in marks:
            pieces.append(marks[found[1]])
        place = found.end()
    pieces.append(Piece(words.visible(text[place:])))
    return tuple(each for each in pieces if each.text)


def cited_at(citation: Citation) -> str:
    """Where the turn stands on the page of its call."""
    return f"{call_path(citation.call)}#turn-{citation.turn}"


def cut_question(text: str, understood: Understood | None) -> tuple[Piece, ...]:
    """The question, with what its words were taken for."""
    pieces: list[Piece] = []
    place = 0
    for start, end, meaning in sorted(understood.taken if understood else ()):
        if not place <= start < end <= len(text):  # of an earlier question that this one goes on with
            continue
        taken = Piece(words.visible(text[start:end]), meaning=words.visible(meaning))
        pieces += [Piece(words.visible(text[place:start])), taken]
        place = end
    pieces.append(Piece(words.visible(text[place:])))
    return tuple(each for each in pieces if each.text)
