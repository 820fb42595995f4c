"""Of which calls a share is, where the name of what is measured says it too: `failed bookings with no slot`."""

from __future__ import annotations

import re

from postcall.analyst.names.question_words import key_of, spelled
from postcall.analyst.reading.scene import Scene
from postcall.domain.analysis import Mention, NameKind

_OF = re.compile(r"\b(?:of|among|out of)(?: (?:all|the|our|those|these))*((?: [^ ,]+){1,4})")
_NOUNS = frozenset({"calls", "made", "conversations"})
_MOST = 3


def is_of_its_own(scene: Scene, subject: Mention) -> bool:
    """Whether the share is among the calls that carry the name at all: `share of reminder calls that were confirmed`.

    Only of a text of which calls are not asked one by one: the share of an answer is among those that have one anyway.
    """
    term = scene.terms.get(subject.name)
    if scene.cues.rate is None or term is None or term.type != "text" or not subject.has_value:
        return False
    if term.kind is NameKind.ANSWER or not subject.end:
        return False
    parts = {key_of(part) for part in spelled(subject.name.partition(".")[2])}
    value = {key_of(part) for part in spelled(str(subject.value))}
    return any(_names_it((place.groups[0] or "").split(), parts, value) for place in scene.wording.each(_OF))


def _names_it(words: list[str], parts: set[str], value: set[str]) -> bool:
    """Whether the first words are of the name and not of the value: `failed bookings`, `reminder calls`."""
    own: list[str] = []
    for word in words[:_MOST]:
        if word not in _NOUNS and key_of(word) not in parts:
            break
        own.append(word)
    told = {key_of(word) for word in own if word not in _NOUNS}
    return bool(told) and not told <= value
