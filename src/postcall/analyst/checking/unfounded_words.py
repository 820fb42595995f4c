"""Whether a sentence that rests on results says anything that they do not: each of its words is theirs, or a plain one.

A number is right only of what was measured. `36 % of revenue` has the number of a booking rate and is false; no list of
forbidden words would ever hold all such nouns, so the permitted ones are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from postcall.analyst.checking.names_said import SURE
from postcall.analyst.checking.row_labels import Place
from postcall.analyst.checking.thresholds import conditions_of
from postcall.analyst.names.mentions import find_mentions
from postcall.analyst.names.question_words import Word, keys_of, words_of
from postcall.domain.analysis import Asked, KnownTerm
from postcall.domain.queries import MeasureKind
from postcall.reporting.measure_words import MEASURES


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLAIN = _set("""
    a an the this that these those there here it its they them their we our us you your i he she who whom whose which
    what when where while as than so and or but nor yet also too then thus both such own
    to of in on at by for from with within among amongst between across over under above below up down out off into onto
    per via about around during before after since until till through throughout behind ahead along against versus vs
    besides beside compared compares comparing comparison relative respectively altogether together
    is are was were be been being am do does did done have has had having can could would will
    total totals overall count counts counted number numbers amount amounted figure figures result results value values
    average averages averaged averaging mean median percentile percent percentage points point share shares rate rates
    proportion part fraction sum minimum maximum range ranges ranged interval confidence margin statistically test
    chance p value
    call calls caller callers called calling conversation conversations contact contacts people person persons user
    users customer customers somebody someone one ones
    come comes came coming take takes took taken get gets see sees saw seen show shows showed shown find finds found
    receive received record recorded records log logged handle handled report reported hold held stand stands stood
    last lasts lasted lasting long length lengths short duration time times second seconds minute minutes hour hours
    day days week weeks month months quarter quarters year years weekday weekdays period periods date dates
    daily weekly monthly hourly today yesterday previous prior preceding earlier later following follow follows
    followed next first now far
    reason reasons topic topics category categories group groups row rows kind kinds type types breakdown list listed
    rank ranks ranked lead leads leading led account accounts accounted up include includes
    included including contain contains involve involves involved concern concerns concerned regard regarding relate
    related mark marked tag tagged set given say says said mention mentions mentioned speak speaks word words name names
    most least more less fewer top main common commonly often frequent frequently  leading number
    known unknown none no not nobody never answer 
    exact exactly precisely namely note overall altogether about roughly approximately around just only
    e.g i.e data match matches matched matching filter filtered
    end ends ended ending finish finished start starts started began begin
    want wanted wants
    whereas though although however meanwhile because ask asks asked asking question questions themselves itself bot
    bots assistant volume traffic reach reaches reached
    """)
"""They say how something is told, and nothing that could be measured."""
_SAMPLED = frozenset(["sample", "samples", "sampled", "read", "look", "looked", "theme", "themes"])
_CHECKED = _set("""
    rose risen rise rising increase increases increased increasing grew grown growing grow climb climbs climbed climbing
    went gain gained gains higher busier larger bigger greater slower longer
    fell fallen fall falling falls drop drops dropped dropping decrease decreases decreased decline declines declined
    shrank shrunk lower quieter smaller rarer faster quicker shorter differ differs difference change changed changes
    commonest highest largest biggest busiest longest greatest peak lowest fewest smallest rarest quietest shortest
    majority minority mostly mainly largely significant significantly significance insignificant all every each many few
    several usually typically generally always everyone everybody zero nearly almost hardly barely sometimes some any
    entirely progress going still outnumber outnumbers outnumbered exceed exceeds exceeded
    """)
"""What these say is held against the numbers elsewhere."""
_OUTCOMES = _set("end ends ended ending get gets receive received finish finished")
"""Plain, but not of a search: that a refund is spoken of does not say that calls ended with one."""
_MADE_UP = re.compile(r"\bma(?:kes?|de|king) up\b", re.I)
_BY_MEASURE = {
    MeasureKind.DISTINCT: ("different", "distinct", "unique"),
    MeasureKind.SHARE: ("recorded", "with", "without"),
    MeasureKind.MAX: ("maximum", "longest"),
    MeasureKind.MIN: ("minimum", "shortest"),
}
_OF_FIELDS = {
    "field.duration": ("short", "quick", "quickly", "slow", "slowest", "fast", "fastest", "quickest", "length"),
    "field.latency": ("respond", "response", "reply", "wait", "slow", "slowest", "fast", "fastest", "latency"),
    "field.handoff": ("hand", "handed", "handoff", "transfer", "transferred", "passed", "human"),
    "field.hour": ("clock",),
    "field.weekday": ("weekend", "weekday"),
    "field.language": ("speak", "spoke", "spoken", "speaking"),
}


def word_refused(
    text: str, asked: Sequence[Asked], terms: Sequence[KnownTerm], *, rows: Sequence[Place], quoted: str = ""
) -> str | None:
    """Why a word says what no result does; None where all are told.

    `text` has dots for numbers and times, `rows` are the places where rows are named, `quoted` are the words of the
    turns that the sentence cites.
    """
    if not asked:
        return None
    founded = _words_of(asked, terms) | {word.key for word in words_of(quoted)}
    plain = _PLAIN | _CHECKED | (_SAMPLED if any(each.id.startswith("s") for each in asked) else frozenset())
    if any(each.query.text for each in asked) and not any(_names_of(each) for each in asked):
        plain -= _OUTCOMES
    text = _MADE_UP.sub(lambda found: "\N{MIDDLE DOT}" * len(found.group()), text)
    spans = [*rows, *_spans_asked_for(text, asked, terms)]
    for word in words_of(text):
        if not (_is_plain(word, plain) or word.key in founded or _is_within(word, spans)):
            return f"{word.text!r} is nothing that the result says; use its own words"
    return None


def _is_plain(word: Word, plain: frozenset[str]) -> bool:
    return word.text in plain or all(part in plain for part in word.text.split()) or not word.text[:1].isalpha()


def _is_within(word: Word, spans: Iterable[Place]) -> bool:
    return any(start <= word.start and word.end <= end for start, end in spans)


def _spans_asked_for(text: str, asked: Sequence[Asked], terms: Sequence[KnownTerm]) -> Iterator[Place]:
    """Where the sentence speaks of a name that a query uses, in whatever words."""
    names = {name for each in asked for name in _names_of(each)}
    for mention in find_mentions(text, terms):
        if any(each.name in names and each.score >= SURE for each in (mention, *mention.others)):
            yield mention.start, mention.end


def _names_of(asked: Asked) -> set[str]:
    measured = {measure.of for measure in asked.query.measures if measure.of is not None}
    return {*asked.query.group_by, *measured, *(each.field for each in conditions_of(asked.query.filters))}


def _words_of(asked: Sequence[Asked], terms: Sequence[KnownTerm]) -> set[str]:
    """The words of the names, values and conditions of the queries, of how they are defined and of how they measure."""
    told: list[str] = []
    names = {name for each in asked for name in _names_of(each)}
    for each in asked:
        query = each.query
        told += ["answered missing recorded"] if each.result.coverage else []
        told += [MEASURES[measure.kind] for measure in query.measures]
        told += [word for measure in query.measures for word in _BY_MEASURE.get(measure.kind, ())]
        told += [str(value) for row in each.result.rows for value in row.group if isinstance(value, str)]
        told += [query.text or "", "UTC" if query.time_zone == "UTC" else ""]
        told += [
            str(value)
            for condition in conditions_of(query.filters)
            for value in (condition.value, *condition.values)
            if isinstance(value, str)
        ]
        told += [str(measure.value) for measure in query.measures if isinstance(measure.value, str)]
    told += [name.partition(".")[2] for name in names]
    told += [word for name in names for word in _OF_FIELDS.get(name, ())]
    told += [term.says for term in terms if term.name in names]
    return {key for text in told for key in keys_of(text)}
