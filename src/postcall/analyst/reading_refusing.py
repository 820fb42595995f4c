"""Where a question is asked back: it can mean several things, or is about what calls do not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from postcall.analyst.reading_filters import filter_of
from postcall.analyst.reading_mentions import is_vague
from postcall.analyst.reading_queries import CALLS, calls_query, measure_of
from postcall.analyst.reading_roles import Roles
from postcall.analyst.reading_saying import understood
from postcall.analyst.reading_scene import Scene, left_words
from postcall.domain.analysis import AskBack, Mention, QuestionKind
from postcall.domain.queries import All, Condition, Operator

_HEADS = ("which", "what", "average", "median", "mean", "our", "by", "per", "what's our")
"""What follows these is what is asked for."""
_NOUNS = ("calls", "conversations", "chats", "callers")


def refuse(scene: Scene, roles: Roles) -> AskBack | None:
    """Where the question names nothing, or what it is about is not known here."""
    left = left_words(scene)
    if asks_themes(scene, roles) or scene.cues.difference:
        return None
    vague = [each for each in scene.mentions if is_vague(each, scene.terms)]
    if vague and len(scene.mentions) == 1 and not roles.groups and not scene.numbers and scene.said is None:
        return _which(scene, roles, vague[0])
    named = bool(scene.mentions or scene.said or scene.numbers or roles.groups)
    if named:
        return cannot(scene) if _hangs_on_unknown(scene, left) else None
    cues = scene.cues
    counted = cues.count is not None or cues.bare or cues.trend or cues.listing or cues.busiest is not None
    if left and not _measures_known(scene, roles):
        words = " ".join(left)
        search = replace(calls_query(scene, roles), text=words)
        choice = understood(scene, QuestionKind.SEARCH, (), calls=search)
        wanted = counted and not cues.measure and not cues.rate
        return AskBack(
            f"Nothing that calls have is named {words!r}."
            + (" It can be searched for in what was said." if wanted else ""),
            choices=(choice,) if wanted else (),
        )
    has_calls = (
        "call" in scene.wording.joined or "conversation" in scene.wording.joined or "chat" in scene.wording.joined
    )
    if (
        not left
        and not _measures_known(scene, roles)
        and not (counted and (has_calls or cues.busiest is not None or roles.groups))
    ):
        query = replace(calls_query(scene, roles), measures=(CALLS,))
        choice = understood(scene, QuestionKind.COUNT, (query,))
        return AskBack("What is to be counted or measured, and of which calls?", choices=(choice,))
    return None


def _which(scene: Scene, roles: Roles, mention: Mention) -> AskBack:
    """Asks which of several things is meant."""
    base = calls_query(scene, roles)
    choices = []
    for each in (mention, *mention.others):
        part = filter_of(each, scene) or Condition(each.name, Operator.EXISTS)
        query = replace(base, measures=(CALLS,), filters=All((part,)))
        choices.append(understood(scene, QuestionKind.COUNT, (query,)))
    words = scene.question.text[mention.start : mention.end]
    return AskBack(f"“{words}” can mean several things.", choices=tuple(choices))


def cannot(scene: Scene) -> AskBack:
    """Says that nothing here can be measured so."""
    left = left_words(scene)
    named = f" Nothing is recorded about {' '.join(left)!r}." if left else ""
    return AskBack(f"What is to be measured is not among what calls have.{named}")


def _measures_known(scene: Scene, roles: Roles) -> bool:
    return measure_of(scene, roles) is not None or scene.cues.longest is not None


def _hangs_on_unknown(scene: Scene, left: Sequence[str]) -> bool:
    """Whether what is asked for is named by words that are not known: `which receptionist`, `how many good calls`."""
    if not left or scene.said is not None:
        return False
    joined, first = f" {scene.wording.joined} ", left[0]
    of_calls = any(f" {word} {noun} " in joined for word in left for noun in _NOUNS)
    if of_calls or any(f" {head} {first} " in joined for head in _HEADS):
        return True
    return len(left) > 1 and len(left) >= 2 * len(scene.mentions)


def asks_themes(scene: Scene, roles: Roles) -> bool:
    """Whether what people say is asked for, and no number."""
    return scene.cues.themes and scene.cues.rate is None and not roles.groups
