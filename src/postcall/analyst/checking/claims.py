"""What a sentence claims beside its numbers: which is the most, whether it rose, that there were none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.analyst.checking.cells import main_numbers
from postcall.domain.analysis import Asked
from postcall.domain.queries import MeasureKind

_MOST = re.compile(
    r"\b(?:most (?:common|frequent|often|likely)\w*|commonest|highest|largest|biggest|busiest|longest|greatest|leading"
    r"|main|top|number one|peak|leads?|led|(?:comes?|came|ranks?|ranked|is|are|was) first)\b",
    re.I,
)
_LEAST = re.compile(r"\b(?:least|lowest|fewest|smallest|rarest|quietest|shortest)\b", re.I)
_NOT_FIRST = re.compile(r"\b(?:second|next|runner)[- ](?:most|highest|largest|biggest|busiest|longest|up)", re.I)
_THRESHOLD = re.compile(r"\bat (?:least|most)\b", re.I)
_UP = re.compile(
    r"\b(?:rose|risen|rise|rising|increas\w+|grew|grown|growing|climb\w*|up from|up by|went up|gain\w*|higher"
    r"|busier|larger|bigger|greater|slower|more often|outnumber\w*|exceed\w*"
    r"|ahead of|longer(?=[^.;]{0,40} than\b(?!\s+\d))|(?:longer|more (?:\w+ ){0,3})\s*than(?!\s+\d))\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:fell|fallen|falling|dropp?\w*|decreas\w+|declin\w+|down from|down by|went down|shrank|shrunk|lower"
    r"|quieter|smaller|rarer|faster|quicker|less often|behind|shorter(?=[^.;]{0,40} than\b(?!\s+\d))"
    r"|(?:shorter|(?:fewer|less) (?:\w+ ){0,3})\s*than(?!\s+\d))\b",
    re.I,
)
_SIDES = re.compile(
    r"\b(?:higher|lower|longer|shorter|more|fewer|less|busier|quieter|larger|smaller|bigger|greater|rarer|slower|faster"
    r"|quicker|ahead of|behind|outnumber\w*|exceed\w*)\b",
    re.I,
)
"""Compares what is named first with what is named then, whichever came earlier."""
_FROM_TO = re.compile(r"\bfrom\b", re.I)
_SIGNIFICANT = re.compile(r"\bsignifican\w+", re.I)
_FOREIGN = re.compile(
    r"\b(?:der|die|das|und|von|waren|wurden|nicht|anrufen?|el|los|las|del|fueron|eran|llamadas|les|des|et|sont|ont|appels"
    r"|il|gli|sono|di|della|chiamate|het|een|zijn|van|os|uma|foram|chamadas|jest|nie|byly)\b",
    re.I,
)
"""Small words of other languages; a sentence with some of them is in one."""
_MOST_FOREIGN = 2
_SURE = 0.05
_HEARSAY = re.compile(
    r"\b(?:say|says|said|saying|complain\w*|mention\w*|threat\w*|swear\w*|swore|shout\w*|angry|anger|furious|happy|unhappy"
    r"|frustrat\w*|upset|annoy\w*|satisf\w*|dissatisf\w*|pleased|confus\w*|rude|polite|want\w*|believ\w*|feel\w*|felt"
    r"|better|worse|best|worst|improv\w+|deteriorat\w+|because|due to|caused? by|owing to|thanks to|lied|lying|scam\w*"
    r"|fraud\w*)\b",
    re.I,
)
_WANTED = re.compile(r"\bwant(?:s|ed)?(?: to| an?| the)? ?\N{MIDDLE DOT}+|\bbecause (?:of )?(?:the )?\N{MIDDLE DOT}+")
"""Wanting what a row is called, or ending for it; only dots are left of the row."""
_STEM = 4


def language_refused(text: str) -> str | None:
    """Why a sentence cannot be checked whose numbers in words would be those of another language."""
    found = {each.casefold() for each in _FOREIGN.findall(text)}
    return "only sentences in English can be checked" if len(found) >= _MOST_FOREIGN else None


def without_order(text: str) -> str:
    """The text with dots for words that rank or compare, which are no names: `busier` is no busy line."""
    for words in (_MOST, _LEAST, _UP, _DOWN):
        text = words.sub(lambda found: "\N{MIDDLE DOT}" * len(found.group()), text)
    return text


def hearsay_refused(text: str, asked: Sequence[Asked], *, cited: bool) -> str | None:
    """Why a claim of what was said, felt or the cause does not hold: it cites no turn, and no query asks for it.

    `text` has dots where rows are named.
    """
    found = None if cited else _HEARSAY.search(_WANTED.sub(" ", text))
    if found is None:
        return None
    words = " ".join(
        f"{each.query.filters} {each.query.text} {each.query.measures} {each.query.group_by}" for each in asked
    )
    labels = " ".join(str(value) for each in asked for row in each.result.rows for value in row.group)
    if asked and found.group()[:_STEM].casefold() in f"{words} {labels}".casefold():
        return None
    if any(each.query.text for each in asked) and re.match(r"sa(?:y|id)|mention", found.group(), re.I):
        return None
    return f"{found.group()!r}: what was said, and why, must cite a turn"


def rests_on_order(text: str, asked: Sequence[Asked]) -> bool:
    """Whether it says which is most or what rose: that is held against the results."""
    grouped = any(each.query.group_by for each in asked)
    compared = any(n.change is not None for each in asked for row in each.result.rows for n in row.numbers)
    ranks = _MOST.search(text) is not None or _LEAST.search(_THRESHOLD.sub(" ", text)) is not None
    turns = _UP.search(text) is not None or _DOWN.search(text) is not None
    return (grouped and ranks) or ((grouped or compared) and turns)


def superlative_refused(text: str, asked: Asked, rows: Sequence[tuple[int, int]]) -> str | None:
    """Why `most` or `least` does not hold. `rows`: where the sentence names a row, and which."""
    plain = _THRESHOLD.sub(lambda found: " " * len(found.group()), text)
    most, least = _MOST.search(plain), _LEAST.search(plain)
    found = most or least
    query = asked.query
    if found is None or not query.group_by or not query.measures:
        return None
    if _NOT_FIRST.search(plain):
        return "only the first or the last of a ranking can be checked"
    if not rows:
        return f"{found.group()!r}: name the row that is meant, as the result has it"
    numbers = main_numbers(asked)
    if not numbers:
        return f"{found.group()!r}: there is nothing to rank"
    column = query.measures[0].name
    if query.limit is not None and len(asked.result.rows) >= query.limit:
        ordered = query.order[0] if query.order else None
        if ordered is None or ordered.column != column or ordered.descending is not (most is not None):
            return f"{found.group()!r}: the result does not hold every row, and is not in this order"
    nearest = min(rows, key=lambda place: abs(place[0] - found.start()))[1]
    values = [value for _, value in numbers]
    row = asked.result.rows[nearest]
    extreme = max(values) if most is not None else min(values)
    if row.numbers[0].value != extreme:
        return f"{found.group()!r} is not {row.group[0]!r}"
    return None


def direction_refused(text: str, asked: Asked, rows: Sequence[tuple[int, int]]) -> str | None:
    """Why `rose` or `fell` does not hold. `rows` as above."""
    up, down = _UP.search(text), _DOWN.search(text)
    found = up or down
    if found is None:
        return None
    if up is not None and down is not None:
        return "one sentence says more and less at once"
    sign = 1 if up is not None else -1
    if any(measure.kind in {MeasureKind.MIN, MeasureKind.MAX} for measure in asked.query.measures) and not rows:
        return None
    named = [asked.result.rows[row] for _, row in sorted(rows)] or list(asked.result.rows)
    changes = [number.change for row in named for number in row.numbers if number.change is not None]
    if changes:
        return None if all(change * sign > 0 for change in changes) else f"{found.group()!r}: the result says otherwise"
    values = [row.numbers[0].value for row in named if row.numbers and row.numbers[0].value is not None]
    if len(values) == 2 and rows:
        first, second = values
        if _SIDES.match(found.group()):
            grown = first - second
        elif _in_time(asked):
            order = [row for _, row in sorted(rows)]
            grown = second - first if order[0] < order[1] else first - second
        else:
            grown = second - first if _FROM_TO.search(text) else first - second
        return None if grown * sign > 0 else f"{found.group()!r}: the result says otherwise"
    return f"{found.group()!r}: no result compares these"


def significance_refused(text: str, asked: Sequence[Asked]) -> str | None:
    """Why `significant` does not hold: no test in a result says so."""
    if _SIGNIFICANT.search(text) is None:
        return None
    tests = [n.p_value for each in asked for row in each.result.rows for n in row.numbers if n.p_value is not None]
    negated = re.search(r"\b(?:not|no|in)\s*(?:statistically )?significan", text, re.I) is not None
    holds = bool(tests) and all((p >= _SURE) if negated else (p < _SURE) for p in tests)
    return None if holds else "'significant': no test in the result says so"


def _in_time(asked: Asked) -> bool:
    return (asked.query.group_by[:1] and "." not in asked.query.group_by[0]) or False
