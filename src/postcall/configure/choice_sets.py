"""Whether the choices of an ENUM leave a place for every call."""

from __future__ import annotations

from postcall.domain.folding import words
from postcall.domain.values import fold_choice

_CATCH_ALL_WORDS = (
    "other others other_reason none unknown unclear neither unspecified undetermined misc miscellaneous general "
    "n_a na something_else anything_else none_of_these none_of_the_above not_applicable not_sure cannot_tell "
    "uncertain else everything_else any_other otro otra otros inne inny andere anderes sonstiges autre altro "
    "outro neutral mixed both partly partially partial normal average medium moderate"
)
CATCH_ALL = frozenset(_CATCH_ALL_WORDS.replace("_", "~").split())
_SAID_OR_GIVEN_WORDS = (
    "said mentioned stated given discussed asked offered applicable needed required raised specified provided "
    "answer reason objection mention preference issue problem topic request value information follow match"
)
_SAID_OR_GIVEN = frozenset(_SAID_OR_GIVEN_WORDS.split())
"""`not_discussed` and `no_reason` leave nothing out; `no_show` and `not_interested` are choices like any other."""
_SCALES = (
    frozenset({"low", "high"}),
    frozenset({"bad", "good"}),
    frozenset({"poor", "good"}),
    frozenset({"small", "large"}),
    frozenset({"never", "always"}),
)


def leaves_nothing_out(choices: tuple[str, ...]) -> bool:
    """Whether every call finds its place: there is a catch-all, a scale, or a thing and its opposite."""
    folded = [fold_choice(choice) for choice in choices]
    if any(is_catch_all(choice) for choice in choices) or all(_is_number(choice) for choice in folded):
        return True
    return any(scale <= set(folded) for scale in _SCALES) or _is_a_thing_and_its_opposite(folded)


def is_catch_all(choice: str) -> bool:
    """Whether the choice is for what fits no other, such as `other`, `unknown` or `no_objection`."""
    named = words(choice)
    if not named:
        return False
    if "~".join(named) in CATCH_ALL or named[0] in {"other", "none", "nothing"}:
        return True
    return named[0] in {"no", "not"} and len(named) > 1 and named[1] in _SAID_OR_GIVEN


def _is_number(choice: str) -> bool:
    return bool(choice) and all(word.isdigit() for word in choice.split())


def _is_a_thing_and_its_opposite(folded: list[str]) -> bool:
    if len(folded) != 2:
        return False
    one, other = sorted(folded, key=len)
    return {one, other} in ({"yes", "no"}, {"true", "false"}, {"pass", "fail"}, {"passed", "failed"}) or (
        bool(one)
        and other.endswith(one)
        and other.removesuffix(one).strip() in {"un", "in", "non", "dis", "im", "ir", "not", "no"}
    )
