"""From what a model says to the sentences that are checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from postcall.analyst.checking.figures import find_figures
from postcall.analyst.checking.sentences import Draft
from postcall.domain.analysis import Citation
from postcall.domain.calls import Json
from postcall.errors import ModelReplyUnusable
from postcall.llm.salvage import read_object

MOST_SENTENCES = 60
MOST_MISSING = 5
MOST_CHARACTERS = 100_000
"""Of an answer; no reader wants more."""

_SHORT = "".join(rf"(?<!\b{each}\.)" for each in ("Dr", "Mr", "Mrs", "Ms", "St", "No", "vs", "Prof", "Jr", "Sr", "Inc"))
"""Not behind these, which end no sentence."""
_END = re.compile(rf'(?<=[.!?]){_SHORT}(?P<after>["”]?)\s+(?=["“A-Z0-9À-Þ])|\n+')
_MARK = re.compile(r"\s*\[\s*([qs]\d{1,4}(?:\s*[,;]\s*[qs]\d{1,4})*)\s*\]")
_CITED = re.compile(
    r"\s*\[\s*(?:call[: ]\s*)?(?P<call>[^\s\[\],;]{1,300})[,;]?\s+(?:turn[: ]\s*|#)(?P<turn>\d{1,6})\s*[:,;]?\s*"
    r"[\"“](?P<quote>[^\"”]{1,1000})[\"”]\s*\]",
    re.I,
)
_ORNAMENT = re.compile(r"^\s*[#>]+\s+|\*\*|__|`", re.M)
_ITEM = re.compile(r"\s*(?:[-*•–]+\s+|\d{1,2}[.)]\s+)")
_PLAIN = re.compile(r"[^\W\d_]+(?:[ '\-][^\W\d_]+){0,4}")


class _Cited(msgspec.Struct):
    call: str = ""
    turn: int = -1
    quote: str = ""


class _Sentence(msgspec.Struct):
    text: str = ""
    queries: list[str] | None = None
    citations: list[_Cited] | None = None
    item: bool | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model wants to say; not yet believed."""

    drafts: tuple[Draft, ...] = ()
    missing: tuple[str, ...] = ()
    """What it says is recorded nowhere, in a word or two each."""
    asks_back: str | None = None
    """What it would ask; empty where it asks in words that cannot be shown."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is proposed."""
        return not self.drafts and not self.missing and self.asks_back is None


def read_answer(arguments: str) -> Proposal:
    """The proposal in the arguments of an `answer`; what of it cannot be read is left out."""
    if len(arguments) > MOST_CHARACTERS:
        return Proposal()
    try:
        given = read_object(arguments).content
    except ModelReplyUnusable:
        return Proposal()
    drafts: list[Draft] = []
    for raw in _listed(given.get("sentences")):
        drafts += _read_sentence(raw)
    missing = [
        each for each in _listed(given.get("missing")) if isinstance(each, str) and _PLAIN.fullmatch(each.strip())
    ]
    asked = given.get("ask_back")
    asks_back = _harmless_question(asked) if isinstance(asked, str) and asked.strip() else None
    return Proposal(tuple(drafts[:MOST_SENTENCES]), tuple(missing[:MOST_MISSING]), asks_back)


def read_text(text: str) -> Proposal:
    """The same of an answer in plain words, with marks as `412 [q1]` and `[CALL-1 turn 3: "their words"]`."""
    if text.lstrip().startswith("{"):
        found = read_answer(text)
        if not found.is_empty:
            return found
    drafts = [draft for piece, item in _pieces(text) if (draft := _unmarked(piece, (), (), item=item)) is not None]
    return Proposal(tuple(drafts[:MOST_SENTENCES]))


def _read_sentence(raw: Json) -> Iterable[Draft]:
    """One or more, since a model's sentence may be several; each rests on what the whole rests on."""
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, Mapping):
        return
    try:
        read = msgspec.convert({key: value for key, value in raw.items() if value is not None}, _Sentence, strict=False)
    except msgspec.ValidationError:
        return
    citations = tuple(Citation(each.call, each.turn, each.quote) for each in read.citations or ())
    for piece, item in _pieces(read.text):
        draft = _unmarked(piece, tuple(read.queries or ()), citations, item=item or read.item is True)
        if draft is not None:
            yield draft


def _unmarked(piece: str, queries: tuple[str, ...], citations: tuple[Citation, ...], *, item: bool) -> Draft | None:
    """The sentence without marks, and what they name besides what is known already."""
    cited = [Citation(each["call"], int(each["turn"]), each["quote"]) for each in _CITED.finditer(piece)]
    piece = _CITED.sub("", piece)
    named = [name.strip() for mark in _MARK.finditer(piece) for name in re.split("[,;]", mark.group(1))]
    text = _MARK.sub("", piece).strip()
    if not any(char.isalnum() for char in text):
        return None
    return Draft(text, tuple(dict.fromkeys((*queries, *named))), (*citations, *cited), item)


def _pieces(text: str) -> Iterable[tuple[str, bool]]:
    """Sentence by sentence, and whether each is an item of a list: what follows an item in its line is another one.

    A mark behind the full stop belongs to the sentence before it.
    """
    # Runs of white space are taken out first: on long ones the patterns take the square of their length.
    text = "\n".join(line for line in (" ".join(each.split()) for each in text.splitlines()) if line)
    text = re.sub(r"([.!?])((?:\s*\[[^\[\]]*\])+)", r"\2\1", _ORNAMENT.sub("", text))
    for line in text.splitlines():
        marked = _ITEM.match(line)
        item, at = marked is not None, marked.end() if marked is not None else 0
        for end in _END.finditer(line, at):
            yield line[at : end.start()] + (end["after"] or ""), item
            at = end.end()
        yield line[at:], item


def _harmless_question(text: str) -> str:
    """One short question without numbers: whatever else it says would be a claim that nobody checks."""
    text = " ".join(text.split())
    fine = len(text) <= 200 and text.endswith("?") and not re.search(r"[.!?:;]\s", text) and find_figures(text) == ()
    return text if fine else ""


def _listed(raw: Json) -> list[Json]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]
