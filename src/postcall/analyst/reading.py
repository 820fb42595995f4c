"""A question as the queries that it asks for, by its words alone: without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from postcall.analyst.reading_followups import follow_up, goes_on
from postcall.analyst.reading_queries import (
    CALLS,
    RANKED,
    calls_query,
    each_period,
    kind_of,
    longest_calls,
    measure_of,
    ranked,
    two_buckets,
    with_having,
)
from postcall.analyst.reading_refusing import asks_themes, cannot, refuse
from postcall.analyst.reading_roles import Roles, give_roles
from postcall.analyst.reading_saying import taken_words, understood
from postcall.analyst.reading_scene import Scene, left_words, survey
from postcall.domain.analysis import AskBack, KnownTerm, Mention, Question, QuestionKind, Understood
from postcall.domain.queries import All, Condition, MeasureKind, Operator, Query


def read_question(
    question: Question, terms: Sequence[KnownTerm], *, before: Understood | None = None
) -> Understood | AskBack:
    """How the question is understood; AskBack where it can mean several things, or where no data says it.

    `before` is the reading of what was asked before in the same conversation: `and last month?` goes on from it.
    """
    scene = survey(question, terms)
    roles = give_roles(scene)
    if before is not None and goes_on(scene, roles):
        return follow_up(scene, roles, before)
    refused = refuse(scene, roles)
    if refused is not None:
        return refused
    read = _read(scene, roles)
    if isinstance(read, AskBack):
        return read
    return replace(read, taken=taken_words(scene), left=left_words(scene))


def _read(scene: Scene, roles: Roles) -> Understood | AskBack:
    cues, base = scene.cues, calls_query(scene, roles)
    if cues.difference and cues.top is None:
        return _difference(scene, roles, base)
    if asks_themes(scene, roles):
        return understood(scene, QuestionKind.THEMES, (), calls=_whose(roles, base))
    if cues.rate is not None and base.text is not None:
        return _share_said(scene, roles, base)
    measure = measure_of(scene, roles)
    longest = longest_calls(scene, base, roles)
    if longest is not None and not roles.groups:
        return understood(scene, QuestionKind.TOP, (longest,), calls=replace(base, limit=longest.limit))
    if measure is None and (cues.measure is not None or cues.rate is not None) and not (cues.top and roles.groups):
        return _without_measure(scene, roles, base)
    if measure is None and _wants_calls(scene, roles):
        return _calls(scene, base)
    query = with_having(replace(base, measures=(measure or CALLS,), group_by=roles.groups), roles)
    if two_buckets(scene.times.periods):
        return understood(scene, QuestionKind.COMPARISON, tuple(each_period(scene, query)))
    if roles.clocks:
        parts = (replace(query, filters=All((*query.filters.parts, clock))) for clock in roles.clocks)
        return understood(scene, QuestionKind.COMPARISON, tuple(parts))
    if _is_ranked(scene, query):
        query = ranked(query, limit=scene.limit or RANKED, rising=cues.rising)
    calls = base if cues.bare and kind_of(query) is QuestionKind.COUNT and cues.count is None else None
    return understood(scene, kind_of(query), (query,), calls=calls)


def _share_said(scene: Scene, roles: Roles, base: Query) -> Understood:
    """In how many of the calls something is said, and how many they are: no single measure tells the share."""
    whose = replace(_whose(roles, base), measures=(CALLS,))
    return understood(scene, QuestionKind.RATE, (whose, replace(whose, text=None)))


def _is_ranked(scene: Scene, query: Query) -> bool:
    if not query.group_by or (scene.cues.versus and scene.cues.compare and scene.cues.top is None):
        return False
    if scene.cues.busiest is not None:
        return True
    return (scene.cues.top is not None or scene.limit is not None) and scene.times.bucket is None


def _wants_calls(scene: Scene, roles: Roles) -> bool:
    cues = scene.cues
    if cues.count is not None or cues.top is not None or roles.groups or len(roles.clocks) > 1:
        return False
    if cues.compare and not cues.listing:
        return False
    return cues.listing or cues.recent or scene.said is not None


def _calls(scene: Scene, base: Query) -> Understood:
    kind = QuestionKind.SEARCH if scene.said is not None else QuestionKind.LIST
    return understood(scene, kind, (), calls=replace(base, limit=scene.limit))


def _whose(roles: Roles, base: Query) -> Query:
    """The calls of which something is asked, that the first thing named says too."""
    subject = roles.subject
    if subject is None:
        return base
    held = Condition(subject.name, Operator.EQ, subject.value) if subject.has_value else None
    part = held or Condition(subject.name, Operator.EXISTS)
    return replace(base, filters=All((*base.filters.parts, part)))


def _difference(scene: Scene, roles: Roles, base: Query) -> Understood | AskBack:
    """The sizes of the sides: of two periods, or of the values of the name that is asked about."""
    if two_buckets(scene.times.periods):
        query = replace(base, measures=(CALLS,))
        return understood(scene, QuestionKind.DIFFERENCE, tuple(each_period(scene, query)))
    named = [each for each in scene.mentions if scene.type_of(each) in {"boolean", "text", "number"}]
    if not named:
        return AskBack(
            "Which calls are to be compared with which? Name two periods, or what some calls have and others not."
        )
    mention, name = (named[0], roles.groups[0]) if roles.groups else _side(scene, named)
    others = [part for part in base.filters.parts if not _is_about(part, {name, mention.name})]
    filters = All((*others, Condition(name, Operator.EXISTS)))
    query = replace(base, measures=(CALLS,), group_by=(name,), filters=filters)
    return understood(scene, QuestionKind.DIFFERENCE, (query,))


def _side(scene: Scene, named: Sequence[Mention]) -> tuple[Mention, str]:
    """What tells the calls apart, and its name: rather one that is true or false than one that only some have."""
    for each in named:
        if scene.type_of(each) == "boolean" or each.has_value:
            return each, each.name
        flag = next((other.name for other in each.others if scene.type_of(other) == "boolean"), None)
        if flag is not None:
            return each, flag
    return named[0], named[0].name


def _is_about(part: object, names: set[str]) -> bool:
    inner = getattr(part, "part", part)
    return isinstance(inner, Condition) and inner.field in names


def _without_measure(scene: Scene, roles: Roles, base: Query) -> Understood | AskBack:
    """A number or a share of something that is not named in a way that is known."""
    cues = scene.cues
    filtered = bool(base.filters.parts) or base.text is not None
    if cues.rate is not None and roles.groups and not left_words(scene):
        query = replace(base, measures=(CALLS,), group_by=roles.groups)
        return understood(scene, kind_of(query), (query,))
    if cues.rate is not None and filtered and not left_words(scene):
        # A share that no single measure says: so many of so many.
        every = replace(base, filters=All(), text=None)
        queries = tuple(replace(each, measures=(CALLS,)) for each in (base, every))
        return understood(scene, QuestionKind.RATE, queries)
    if cues.measure in {MeasureKind.AVERAGE, MeasureKind.MAX, MeasureKind.MIN} and roles.groups:
        query = replace(base, measures=(CALLS,), group_by=roles.groups)
        return understood(scene, kind_of(query), (query,))
    return cannot(scene)
