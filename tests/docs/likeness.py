"""Whether what a page shows is what the server said, up to what differs from run to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_ID = re.compile(r"\b[0-9a-f]{24}\b")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")
_FIGURE = re.compile(r"\[[a-z]\d+\]|\d(?:[\d.,:]*\d)?")
_SIGNED = re.compile(r"\?until=\d+&signature=[0-9a-f]+\Z")
_WORDING = frozenset({"summary", "reasoning", "quote"})
"""What the built-in analyser words, and may word better: there has to be text, and no more."""
_JUDGED = frozenset({"confidence"})
_NOT_ALWAYS_NOTED = frozenset({"by"})


def differences(shown: Any, said: Any, path: str = "") -> Iterator[str]:
    """Each place where a page shows something else than the server said, in words."""
    here = path or "the reply"
    if isinstance(shown, dict) and isinstance(said, dict):
        yield from _in_object(shown, said, path)
    elif isinstance(shown, list) and isinstance(said, list):
        yield from _in_list(shown, said, path)
    elif _may_differ(shown, said, path.rpartition(".")[2]):
        return
    elif isinstance(shown, str) and isinstance(said, str):
        if shown != said and not _alike(shown, said, path):
            yield f"{here}: the page shows {shown!r}, the server said {said!r}"
    elif type(shown) is not type(said) or shown != said:
        yield f"{here}: the page shows {shown!r}, the server said {said!r}"


def _may_differ(shown: Any, said: Any, name: str) -> bool:
    if name in _NOT_ALWAYS_NOTED and said is None:
        return True
    return name in _JUDGED and isinstance(shown, float) and isinstance(said, float)


def _in_object(shown: dict[str, Any], said: dict[str, Any], path: str) -> Iterator[str]:
    if all(map(_ID.fullmatch, [*shown, *said])) and len(shown) == len(said):  # an object whose names are ids
        said = dict(zip(shown, said.values(), strict=True))
    for name in shown.keys() - said.keys():
        yield f"{path}.{name}: the server does not say it"
    for name in said.keys() - shown.keys():
        yield f"{path}.{name}: the page does not show it"
    for name in shown.keys() & said.keys():
        yield from differences(shown[name], said[name], f"{path}.{name}")


def _in_list(shown: list[Any], said: list[Any], path: str) -> Iterator[str]:
    if path.endswith(".evidence"):  # which words, and how many quotes, is the analyser's affair
        if bool(shown) != bool(said):
            yield f"{path}: the page shows {len(shown)} quotes, the server said {len(said)}"
        shown, said = shown[:1], said[:1]
        yield from differences([each.keys() for each in shown], [each.keys() for each in said], path + "[0]")
        return
    if len(shown) != len(said):
        yield f"{path}: the page shows {len(shown)} items, the server said {len(said)}"
        return
    for index, (one, other) in enumerate(zip(shown, said, strict=True)):
        yield from differences(one, other, f"{path}[{index}]")


def _alike(shown: str, said: str, path: str) -> bool:
    if path.rpartition(".")[2] in _WORDING:
        return bool(shown) == bool(said)
    if _SIGNED.search(shown) and _SIGNED.sub("", shown) == _SIGNED.sub("", said):
        return True
    return any(form.fullmatch(shown) and form.fullmatch(said) for form in (_ID, _MOMENT))


def part_of(reply: Any, path: str) -> Any:
    """What stands at a place such as `extraction.answers[1]`."""
    for name, index in re.findall(r"([A-Za-z_]+)|\[(\d+)\]", path):
        reply = reply[name] if name else reply[int(index)]
    return reply


def without_ids(printed: str) -> str:
    """The text with one mark in the place of every id that is made anew each time."""
    return _ID.sub("(an id)", printed)


def figures(printed: str) -> list[str]:
    """The numbers and marks of a text, in an order that does not depend on its words."""
    return sorted(_FIGURE.findall(without_ids(printed)))
