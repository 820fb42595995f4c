"""Where reasons are asked for: which name holds them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from postcall.analyst.names.question_words import key_of, spelled
from postcall.analyst.reading.scene import Scene
from postcall.domain.analysis import KnownTerm, Mention
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.nearest import listed

_REASON_WORDS = frozenset(map(key_of, ("reason", "cause", "why", "motive")))
_CALLING_WORDS = frozenset(map(key_of, ("intent", "topic", "subject", "purpose", "concern", "issue", "matter")))
_IDLE = frozenset(
    map(
        key_of,
        ("call", "caller", "contact", "main", "primary", "type", "category", "code", "is", "was", "asked", "for"),
    )
) | {"of", "the", "to", "no", "a"}
_SAYS_WHY = re.compile(r"(?i)^\s*(?:the )?(?:main )?(?:why|reasons?|causes?|what caused)\b(?P<about>[^.,;:?]*)")
_PEOPLE = ("human", "person", "people", "staff", "operator", "representative", "receptionist", "somebody", "escalate")
_SAME = {key_of(word): key_of("handoff") for word in _PEOPLE}
"""Whoever asks for a person is asking to be handed off."""
_MOST_NAMED = 3
_CALLS_ENDED = frozenset({"field.disconnection_reason"})
"""How a call ended is in this one, and not why."""


def reasons_for(mentions: Sequence[Mention], terms: Mapping[str, KnownTerm]) -> tuple[str, ...]:
    """The names that hold reasons for what is mentioned, the one that says so most plainly first; empty: there is none.

    `why are calls handed off` is answered by `HANDOFF_REASON`, and not by why people call at all.
    """
    own = {each.name for each in mentions}
    about = [_keys(mention) for mention in mentions]
    scored = []
    for name, term in terms.items():
        if name in own or not _holds_reasons(term):
            continue
        keys = _about(term)
        shared = max((len(keys & wanted) for wanted in about), default=0)
        if shared:
            scored.append((-shared, len(keys), not name.startswith("field."), name))
    return tuple(name for *_, name in sorted(scored))


def reasons_for_calling(terms: Mapping[str, KnownTerm]) -> tuple[str, ...]:
    """The names that say why people call, the plainest first: `call_reason` before `INTENT`."""
    found = []
    for name, term in terms.items():
        keys = _name_keys(name)
        if term.type != "text" or name.startswith("field.") or keys - _IDLE - _REASON_WORDS - _CALLING_WORDS:
            continue
        if keys & (_REASON_WORDS | _CALLING_WORDS):
            found.append((not keys & _REASON_WORDS, len(keys), name))
    return tuple(name for *_, name in sorted(found))


def others_like(name: str, scene: Scene) -> tuple[str, ...]:
    """What else the reasons that were asked for may be in, beside the name that is taken."""
    told = [each for each in scene.mentions if each.has_value]
    every = (*reasons_for(told, scene.terms), *reasons_for_calling(scene.terms))
    return tuple(dict.fromkeys(each for each in every if each != name))


def also_in(names: Sequence[str]) -> str:
    """A sentence that names what may be meant instead; empty where nothing may."""
    if not names:
        return ""
    said = listed([name_in_words(name) for name in names[:_MOST_NAMED]], "and")
    return f"{said} {'holds' if len(names) == 1 else 'hold'} reasons too."


def holds_reasons(name: str, terms: Mapping[str, KnownTerm]) -> bool:
    """Whether its values are reasons."""
    term = terms.get(name)
    return term is not None and (_holds_reasons(term) or name in reasons_for_calling(terms))


def _holds_reasons(term: KnownTerm) -> bool:
    if term.type != "text" or term.name in _CALLS_ENDED:
        return False
    return bool(_name_keys(term.name) & _REASON_WORDS) or _SAYS_WHY.search(term.says) is not None


def _about(term: KnownTerm) -> set[str]:
    told = _SAYS_WHY.search(term.says)
    words = {key_of(word) for word in told["about"].lower().split()} if told else set()
    return _alike(_name_keys(term.name) | words) - _REASON_WORDS


def _keys(mention: Mention) -> set[str]:
    value = mention.value if isinstance(mention.value, str) else ""
    return _alike(_name_keys(mention.name) | {key_of(word) for word in spelled(value)})


def _name_keys(name: str) -> set[str]:
    return {key_of(word) for word in spelled(name.partition(".")[2])}


def _alike(keys: Collection[str]) -> set[str]:
    return {_SAME.get(key, key) for key in keys} - _IDLE
