"""A question as the queries that it asks for, by its words alone: without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postcall.analyst.names.question_words import key_of, spelled
from postcall.analyst.reading.differences import read_difference
from postcall.analyst.reading.filters import join_filters
from postcall.analyst.reading.followups import follow_up, goes_on, names_of
from postcall.analyst.reading.parts import join_parts, says_of_them, share_period, split_parts
from postcall.analyst.reading.queries import (
    CALLS,
    all_measures,
    calls_query,
    each_period,
    kind_of,
    longest_calls,
    measure_of,
    ranked,
    two_buckets,
    with_having,
)
from postcall.analyst.reading.reasons import also_in, holds_reasons, others_like, reasons_for, reasons_for_calling
from postcall.analyst.reading.refusing import asks_themes, called_again, cannot, refuse
from postcall.analyst.reading.roles import Roles, asks_reasons, give_roles, ranks_itself
from postcall.analyst.reading.saying import taken_words, understood
from postcall.analyst.reading.scene import Scene, left_words, survey, void_measure
from postcall.analyst.reading.sentences import RANKED
from postcall.analyst.reading.several import settle_several
from postcall.analyst.reading.subject import is_told
from postcall.analyst.reading.unknown import ask_about_unknown, left_numbers
from postcall.domain.analysis import AskBack, KnownTerm, Question, QuestionKind, Understood
from postcall.domain.queries import All, Condition, Filter, MeasureKind, Operator, Query

_CHOICES = 3
_DID = re.compile(r"^how (?:did|do|does|have|has|are|is) .*\b(?:do|doing|done|perform\w*|fare\w*|compare) ")
_WHICH_MOST = re.compile(
    r"^(?:in |on |at |for |with )?(?:which|what)\b.*\b(?:largest|biggest|smallest|longest|shortest|slowest|fastest|"
    r"highest|lowest|most|fewest|least)\b"
)
_CLAUSES = re.compile(r"[:.!?;]\s+|\n+")


def read_question(
    question: Question, terms: Sequence[KnownTerm], *, before: Understood | None = None
) -> Understood | AskBack:
    """How the question is understood; AskBack where it can mean several things, or where no data says it.

    `before` is the reading of what was asked before in the same conversation: `and last month?` goes on from it.
    """
    if before is None and (both := _read_parts(question, terms)) is not None:
        return both
    scene = settle_several(void_measure(survey(question, terms)))
    roles = give_roles(scene)
    scene = replace(scene, mentions=tuple(each for each in scene.mentions if each not in roles.weak))
    if before is not None and goes_on(scene, roles):
        further = follow_up(scene, roles, before)
        return ask_about_unknown(scene, roles, further) or further
    refused = refuse(scene, roles)
    if refused is not None:
        return _read_clause(question, terms, scene) or _narrowed(scene, roles) or refused
    read = _read(scene, roles)
    if isinstance(read, AskBack):
        return read
    read = replace(read, taken=taken_words(scene), left=(*left_words(scene), *left_numbers(scene, roles)))
    return ask_about_unknown(scene, roles, read) or read


def _read_parts(question: Question, terms: Sequence[KnownTerm]) -> Understood | None:
    """Both things that a question asks for; None where it asks for one, or a part alone is not understood."""
    parts = split_parts(question.text)
    if parts is None:
        return None
    first, second, at = parts
    one = read_question(replace(question, text=first), terms)
    if isinstance(one, AskBack) or len(one.queries) != 1:
        return None
    later = replace(question, text=second)
    if says_of_them(second):
        scene = void_measure(survey(later, terms))
        return join_parts(one, follow_up(scene, give_roles(scene), one), at=at)
    other = read_question(later, terms)
    if isinstance(other, AskBack) or len(other.queries) != 1:
        return None
    return join_parts(*share_period(one, other, now=question.now), at=at)


def _read_clause(question: Question, terms: Sequence[KnownTerm], scene: Scene) -> Understood | None:
    """The part of a longer story that is a question by itself; what else was told is named as not understood."""
    parts = [each.strip() for each in _CLAUSES.split(question.text)]
    if len(parts) < 2:
        return None
    for part in reversed(parts):
        found = read_question(replace(question, text=part), terms) if len(part.split()) > 2 else None
        if isinstance(found, Understood) and not found.left:
            return replace(found, taken=(), left=left_words(scene))
    return None


def _narrowed(scene: Scene, roles: Roles) -> AskBack | None:
    """What of a question can be answered beside the search for what is not known; None where nothing of it is named."""
    read = _read(scene, roles) if scene.mentions and not roles.lost else None
    return ask_about_unknown(scene, roles, read) if isinstance(read, Understood) else None


def _read(scene: Scene, roles: Roles) -> Understood | AskBack:
    cues, base = scene.cues, calls_query(scene, roles)
    if (cues.difference and cues.top is None and not _compares_measure(scene, roles)) or _asks_how_they_did(
        scene, roles
    ):
        return read_difference(scene, roles, base)
    again = called_again(scene, roles)
    if again is not None:
        return again
    if (cues.why or asks_reasons(scene)) and not roles.groups and cues.rate is None:
        return _why(scene, roles, base)
    if asks_themes(scene, roles) and cues.top is not None and not scene.mentions and reasons_for_calling(scene.terms):
        return _why(scene, roles, base)
    if asks_themes(scene, roles):
        return understood(scene, QuestionKind.THEMES, (), calls=_whose(roles, base))
    if cues.rate is not None and base.text is not None:
        return _share_said(scene, roles, base)
    if cues.rate is not None and _of_several(roles) and len(scene.times.periods) < 2:
        return _share_of_several(scene, roles, base)
    measure = measure_of(scene, roles)
    longest = longest_calls(scene, base, roles)
    if longest is not None and not roles.groups:
        return understood(scene, QuestionKind.TOP, (longest,), calls=replace(base, limit=longest.limit))
    if measure is None and (cues.measure is not None or cues.rate is not None) and not (cues.top and roles.groups):
        return _without_measure(scene, roles, base)
    if measure is None and _wants_calls(scene, roles):
        return _calls(scene, base)
    measures = all_measures(scene, roles, measure)
    query = with_having(replace(base, measures=measures, group_by=roles.groups), roles)
    if two_buckets(scene.times.periods):
        return understood(scene, QuestionKind.COMPARISON, tuple(each_period(scene, query)))
    if roles.sides:
        parts = (replace(query, filters=All((*query.filters.parts, side))) for side in roles.sides)
        return understood(scene, QuestionKind.COMPARISON, tuple(parts))
    if scene.limit is not None and cues.top is not None and query.measures == (CALLS,) and not query.group_by:
        return _ask_what_to_rank(scene, query)
    if _is_ranked(scene, query):
        query = ranked(query, limit=scene.limit or RANKED, rising=cues.rising)
    more = also_in(others_like(query.group_by[0], scene)) if asks_reasons(scene) and query.order else ""
    calls = base if cues.bare and kind_of(query) is QuestionKind.COUNT and cues.count is None else None
    return understood(scene, kind_of(query), (query,), calls=calls, more=more)


def _compares_measure(scene: Scene, roles: Roles) -> bool:
    """Whether what differs is a number that is said: `how does the average duration differ between a and b`."""
    apart = bool(roles.groups or roles.sides or len(scene.times.periods) > 1)
    said = scene.cues.measure is not None or scene.cues.rate is not None or roles.subject is not None
    return apart and said and measure_of(scene, roles) is not None


def _asks_how_they_did(scene: Scene, roles: Roles) -> bool:
    """`how did Spanish callers do compared to English ones`: without a word for what of them is compared."""
    cues = scene.cues
    measured = cues.measure or cues.rate or cues.count or roles.subject
    return not measured and bool(roles.groups) and len(scene.times.periods) < 2 and scene.wording.has(_DID)


def _why(scene: Scene, roles: Roles, base: Query) -> Understood | AskBack:
    """By the reasons that are recorded; where there are none, by what differs from the other calls."""
    side = next((each for each in scene.mentions if is_told(scene, each)), None)
    own = next(
        (each.name for each in scene.mentions if holds_reasons(each.name, scene.terms) and not each.has_value), ""
    )
    names = (own,) if own else reasons_for([side], scene.terms) if side else reasons_for_calling(scene.terms)
    whose = _whose(roles, base)
    if side is not None and (side.negated or side.value is False):
        return read_difference(scene, roles, base)
    if names:
        query = ranked(replace(whose, measures=(CALLS,), group_by=names[:1]), limit=scene.limit or RANKED, rising=False)
        kind = QuestionKind.THEMES if side else QuestionKind.TOP
        return understood(scene, kind, (query,), calls=whose if side else None, more=also_in(names[1:]))
    if side is None:
        return understood(scene, QuestionKind.THEMES, (), calls=whose)
    return read_difference(scene, roles, base)


def _share_said(scene: Scene, roles: Roles, base: Query) -> Understood:
    """In how many of the calls something is said, and how many they are: no single measure tells the share."""
    whose = replace(_whose(roles, base), measures=(CALLS,))
    return understood(scene, QuestionKind.RATE, (whose, replace(whose, text=None)))


def _is_ranked(scene: Scene, query: Query) -> bool:
    if not query.group_by or (scene.cues.versus and scene.cues.compare and scene.cues.top is None):
        return False
    if scene.cues.busiest is not None or scene.wording.has(_WHICH_MOST):
        return scene.cues.busiest is not None or scene.times.bucket is None
    cues = scene.cues
    ranks = (
        cues.top is not None
        or cues.longest is not None
        or scene.limit is not None
        or cues.inventory
        or cues.how_are
        or asks_reasons(scene)
    )
    ranks = ranks or any(ranks_itself(scene, each) and each.name in query.group_by for each in scene.mentions)
    return ranks and scene.times.bucket is None


def _share_of_number(scene: Scene, roles: Roles, base: Query) -> Understood:
    """A share that no single measure says: so many, and of so many."""
    every = replace(base, filters=All(_population(scene, base)), text=None)
    queries = tuple(replace(each, measures=(CALLS,), group_by=roles.groups) for each in (base, every))
    return understood(scene, QuestionKind.RATE, queries)


def _of_several(roles: Roles) -> bool:
    """Whether the share of several values at once is wanted: `about hotels`, where three reasons are."""
    return roles.subject is not None and len(roles.subject.values) > 1 and not roles.groups and not roles.sides


def _share_of_several(scene: Scene, roles: Roles, base: Query) -> Understood:
    """How many calls have one of the values, and of how many: a rate is of one value alone."""
    parts = [] if roles.subject is None else join_filters([roles.subject], scene)
    every = replace(base, measures=(CALLS,))
    named = replace(every, filters=All((*every.filters.parts, *parts)))
    return understood(scene, QuestionKind.RATE, (named, every))


def _ask_what_to_rank(scene: Scene, query: Query) -> AskBack:
    """Of `top 2 complaint topics` where no name is called so: by what shares a word with the question."""
    keys = {key_of(word.text) for word in scene.wording.words}
    named = (term.name for term in scene.terms.values() if term.type == "text" and term.name.startswith("metric."))
    close = [name for name in named if keys & {key_of(part) for part in spelled(name.partition(".")[2])}]
    choices = []
    for name in close[:_CHOICES]:
        parts = {key_of(part) for part in spelled(name.partition(".")[2])}
        others = All(tuple(part for part in query.filters.parts if not keys & parts & _values_of(part)))
        ranking = ranked(replace(query, filters=others, group_by=(name,)), limit=scene.limit, rising=scene.cues.rising)
        choices.append(understood(scene, QuestionKind.TOP, (ranking,)))
    return AskBack("What is to be ranked?", choices=tuple(choices))


def _values_of(part: Filter) -> set[str]:
    """The words of the value that a condition names."""
    value = part.value if isinstance(part, Condition) else None
    return {key_of(word) for word in spelled(value)} if isinstance(value, str) else set()


def _population(scene: Scene, base: Query) -> tuple[Filter, ...]:
    """The conditions on the calls of which a share is wanted: `Spanish` of `share of Spanish calls over 5 minutes`.

    Only a condition on a number makes the share; where there is none, all of them do.
    """
    named = {each.name for each in scene.mentions if is_told(scene, each)}
    kept = tuple(part for part in base.filters.parts if names_of(part) & named)
    return kept if len(kept) < len(base.filters.parts) else ()


def _wants_calls(scene: Scene, roles: Roles) -> bool:
    cues = scene.cues
    if cues.count is not None or cues.top is not None or roles.groups or bool(roles.sides):
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


def _without_measure(scene: Scene, roles: Roles, base: Query) -> Understood | AskBack:
    """A number or a share of something that is not named in a way that is known."""
    cues = scene.cues
    filtered = bool(base.filters.parts) or base.text is not None
    filtered_by_number = bool(scene.numbers) and filtered and _population(scene, base) != base.filters.parts
    if cues.rate is not None and roles.groups and filtered_by_number and not left_words(scene):
        return _share_of_number(scene, roles, base)
    if cues.rate is not None and roles.groups and not left_words(scene):
        query = replace(base, measures=(CALLS,), group_by=roles.groups)
        return understood(scene, kind_of(query), (query,))
    if cues.rate is not None and filtered and not left_words(scene):
        return _share_of_number(scene, roles, base)
    if cues.measure in {MeasureKind.AVERAGE, MeasureKind.MAX, MeasureKind.MIN} and roles.groups:
        query = replace(base, measures=(CALLS,), group_by=roles.groups)
        return understood(scene, kind_of(query), (query,))
    return cannot(scene)
