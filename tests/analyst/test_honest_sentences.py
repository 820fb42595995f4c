"""What an honest model says of the sample calls is shown: a checker that drops true sentences is no use to anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.analyst.evaluation import open_data
from tests.analyst.false_sentences import FALSE as BEYOND
from tests.analyst.question_data import NOW

from postcall.analyst.checking.sentences import Draft, Dropped, Ground, Kept, check_sentence
from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import Asked
from postcall.domain.queries import MeasureKind
from postcall.reporting.query_format import read_query

ZONE = "America/New_York"
WEEK = {"since": "2026-04-06", "until": "2026-04-13"}
MARCH = {"since": "2026-03-01", "until": "2026-04-01"}
APRIL = {"since": "2026-04-01", "until": "2026-04-15"}
COUNT = [{"measure": "conversations"}]
BOOKED = [{"measure": "rate", "of": "metric.BOOKING_CONFIRMED"}]
DURATION = [{"measure": "average", "of": "field.duration"}]
MOST = [{"column": "conversations", "descending": True}]
BILLING = {"and": [{"field": "metric.INTENT", "op": "eq", "value": "billing"}]}
SPANISH = {"field": "field.language", "op": "eq", "value": "es"}
LONG_SPANISH = {"and": [SPANISH, {"field": "field.duration", "op": "gt", "value": 30}]}
QUERIES: dict[str, dict[str, Any]] = {
    "week": {"measures": COUNT, **WEEK},
    "intents": {"measures": COUNT, "group_by": ["metric.INTENT"], **MARCH, "order": MOST},
    "booked": {"measures": BOOKED, **MARCH},
    "channels": {"measures": DURATION, "group_by": ["field.channel"]},
    "weeks": {"measures": COUNT, "compare": True, "since": "2026-03-30", "until": "2026-04-06"},
    "days": {"measures": COUNT, "group_by": ["day"], **WEEK},
    "handoffs": {"measures": [{"measure": "rate", "of": "field.handoff"}], "group_by": ["month"]},
    "lengths": {"measures": [{"measure": "p95", "of": "field.duration"}], **APRIL},
    "weekdays": {"measures": COUNT, "group_by": ["field.weekday"]},
    "long_spanish": {"measures": COUNT, "filters": LONG_SPANISH},
    "change": {"measures": BOOKED, **WEEK, "compare": True},
    "hours": {"measures": COUNT, "group_by": ["field.hour"], "order": MOST, "limit": 3},
    "ends": {"measures": COUNT, "group_by": ["field.disconnection_reason"], "order": MOST},
    "refund": {"measures": COUNT, "text": "refund"},
    "billing": {"measures": COUNT, "filters": BILLING, **APRIL},
    "languages": {"measures": COUNT, "group_by": ["field.language"]},
    "both": {"measures": COUNT, "group_by": ["field.channel", "field.language"]},
    "rates": {"measures": BOOKED, "group_by": ["field.language"]},
    "callers": {"measures": [{"measure": "distinct", "of": "field.user_number"}]},
    "average": {"measures": DURATION, **MARCH},
    "p50": {"measures": [{"measure": "p50", "of": "field.duration"}]},
    "sum": {"measures": [{"measure": "sum", "of": "field.duration"}]},
    "top3": {"measures": COUNT, "group_by": ["metric.INTENT"], "order": MOST, "limit": 3},
    "failed": {
        "measures": COUNT,
        "filters": {"and": [{"field": "metric.BOOKING_CONFIRMED", "op": "eq", "value": True}]},
    },
    "zero": {"measures": COUNT, "text": "zebra"},
    "months": {"measures": COUNT, "group_by": ["month"]},
    "cmpint": {
        "measures": COUNT,
        "compare": True,
        "group_by": ["metric.INTENT"],
        "since": "2026-03-30",
        "until": "2026-04-06",
    },
    "extremes": {"measures": [{"measure": "min", "of": "field.duration"}]},
}
TRUE = [
    ("There were <week> calls last week.", "week"),
    ("<week> calls came in between April 6 and April 12.", "week"),
    ("Last week you had <week> calls in total.", "week"),
    ("We took <week> calls from 6 to 12 April 2026.", "week"),
    ("In March, <intents:book> callers wanted to book.", "intents"),
    ("The top reason was book with <intents:book> calls, followed by price with <intents:price>.", "intents"),
    ("Book leads with <intents:book> of <intents.calls> calls in March.", "intents"),
    ("Reschedule: <intents:reschedule>.", "intents"),
    ("Callers asked for the price in <intents:price> calls and about insurance in <intents:insurance>.", "intents"),
    ("Wrong number calls: <intents:wrong_number>.", "intents"),
    ("<booked> of calls in March ended with a confirmed booking.", "booked"),
    ("The booking rate in March was <booked> (<booked.count> of <booked.n> calls).", "booked"),
    ("In March, <booked.count> out of <booked.n> calls had a booking confirmed.", "booked"),
    ("The 95 % confidence interval is <booked.low> to <booked.high>.", "booked"),
    ("Between <booked.low> and <booked.high> of calls are booked, with 95 % confidence.", "booked"),
    ("Voice calls last <channels:voice> on average.", "channels"),
    ("Web chats are the longest at <channels:webchat>, and SMS the shortest at <channels:sms>.", "channels"),
    ("Most calls (<ends:user_hangup> of <ends.calls>) ended because the caller hung up.", "ends"),
    ("Web chats (<channels:webchat>) take longer than voice calls (<channels:voice>).", "channels"),
    ("Calls rose from <weeks.before> to <weeks>.", "weeks"),
    ("There were <weeks> calls, compared with <weeks.before> the week before.", "weeks"),
    ("That is <weeks.change> more than the week before.", "weeks"),
    ("The difference is not statistically significant (<weeks> against <weeks.before>).", "weeks"),
    ("The busiest day was April 6 with <days:2026-04-06> calls.", "days"),
    ("On Monday, April 6, there were <days:2026-04-06> calls.", "days"),
    ("The quietest day was Sunday, April 12, with only <days:2026-04-12> calls.", "days"),
    ("April 6: <days:2026-04-06>, April 7: <days:2026-04-07>, April 8: <days:2026-04-08>.", "days"),
    ("In March, <handoffs:2026-03-01> of calls were handed off.", "handoffs"),
    ("The handoff rate fell from <handoffs:2026-02-01> in February to <handoffs:2026-03-01> in March.", "handoffs"),
    ("From April 1 to April 14, 95 % of calls were shorter than <lengths>.", "lengths"),
    ("The 95th percentile of the duration is <lengths>.", "lengths"),
    ("Monday is the busiest day of the week, with <weekdays:Monday> calls.", "weekdays"),
    ("Mondays (<weekdays:Monday>) are busier than Tuesdays (<weekdays:Tuesday>).", "weekdays"),
    ("<long_spanish> Spanish calls took longer than 30 seconds.", "long_spanish"),
    ("The booking rate was <change>, down <change.change> from <change.before> the week before.", "change"),
    ("The busiest hour is 10:00 (<hours:10>), then at 9:00 (<hours:9>).", "hours"),
    ("The peak hour is 10 with <hours:10> calls.", "hours"),
    ("Callers hung up themselves in <ends:user_hangup> of all <ends.calls> calls.", "ends"),
    ("<ends:handoff> calls ended with a handoff.", "ends"),
    ("“Refund” is said in <refund> calls.", "refund"),
    ("Only <refund> calls mention a refund.", "refund"),
    ("From April 1 to April 14, <billing> calls were about billing.", "billing"),
    ("<languages:es> calls were in Spanish and <languages:en> in English.", "languages"),
    ("<both:voice/es> voice calls were in Spanish.", "both"),
    ("Spanish calls are booked more often (<rates:es>) than English ones (<rates:en>).", "rates"),
    ("<callers> different callers have called.", "callers"),
    ("<callers> distinct callers have called so far.", "callers"),
    ("On average a call in March lasted <average>.", "average"),
    ("The average call length was <average> in March 2026.", "average"),
    ("Note that <booked.unknown> of <booked.calls> calls have no value for the booking.", "booked"),
    ("- Price: <intents:price>", "intents"),
    ("<ends:timeout> calls timed out.", "ends"),
    ("Timeouts account for <ends:timeout> calls and agent hangups for <ends:agent_hangup>.", "ends"),
    ("<ends:voicemail> calls reached voicemail.", "ends"),
    ("Out of <ends.calls> calls, <ends:error> ended with an error.", "ends"),
    ("There were <intents:cancel> cancellations in March.", "intents"),
    ("- insurance: <intents:insurance> calls", "intents"),
    ("Insurance questions made up <intents:insurance> calls in March.", "intents"),
    ("Booking was followed by price (<intents:price>) and reminder (<intents:reminder>).", "intents"),
    ("In March the bot booked <booked.count> of <booked.n> calls, a rate of <booked>.", "booked"),
    ("A booking was confirmed in <booked> of March calls (95 % interval <booked.low> to <booked.high>).", "booked"),
    ("The booking confirmation rate stood at <booked> in March.", "booked"),
    ("Calls on the web chat took <channels:webchat>, on voice <channels:voice> on average.", "channels"),
    (
        "By channel, the mean is <channels:voice> for voice, <channels:webchat> for webchat, <channels:sms> for SMS.",
        "channels",
    ),
    ("SMS conversations are the shortest, with an average of <channels:sms>.", "channels"),
    ("Call volume increased from <weeks.before> to <weeks>.", "weeks"),
    ("We received <weeks> calls, up from <weeks.before> the week before.", "weeks"),
    ("Traffic was highest on April 6 (<days:2026-04-06>).", "days"),
    ("On April 11 and April 12 there were only <days:2026-04-11> and <days:2026-04-12> calls.", "days"),
    ("The weekend days April 11 and April 12 saw <days:2026-04-11> and <days:2026-04-12> calls.", "days"),
    (
        "The share of calls handed off was <handoffs:2026-02-01> in February and <handoffs:2026-03-01> in March.",
        "handoffs",
    ),
    ("<handoffs:2026-03-01> of calls were transferred to a human in March.", "handoffs"),
    ("The slowest 5 % of calls took longer than <lengths>.", "lengths"),
    ("Sunday is the quietest day, with <weekdays:Sunday> calls.", "weekdays"),
    ("<long_spanish> calls in Spanish lasted more than 30 seconds.", "long_spanish"),
    ("There were <long_spanish> Spanish calls longer than 30 seconds.", "long_spanish"),
    ("The booking rate went down from <change.before> to <change>.", "change"),
    ("The word refund comes up in <refund> calls.", "refund"),
    ("<refund> callers said “refund”.", "refund"),
    ("Billing was the reason for <billing> calls from April 1 to April 14.", "billing"),
    ("English calls (<languages:en>) outnumber Spanish ones (<languages:es>).", "languages"),
    ("<languages:es> of <languages.calls> calls were Spanish.", "languages"),
    ("Only <languages:es> callers spoke Spanish.", "languages"),
    ("English callers book in <rates:en> of calls, Spanish callers in <rates:es>.", "rates"),
    ("The number of unique phone numbers is <callers>.", "callers"),
    ("The median call took <p50>.", "p50"),
    ("All calls together lasted <sum>.", "sum"),
    ("In total the calls took <sum>.", "sum"),
    ("The top 3 intents are book (<top3:book>), price (<top3:price>) and reminder (<top3:reminder>).", "top3"),
    ("Nobody said zebra.", "zero"),
    ("No call mentions a zebra.", "zero"),
    ("<failed> calls had a confirmed booking.", "failed"),
    ("<failed> calls were booked.", "failed"),
    ("February: <months:2026-02-01>, March: <months:2026-03-01>, April: <months:2026-04-01>.", "months"),
    ("Complaints rose from <cmpint:complaint.before> to <cmpint:complaint>.", "cmpint"),
]
FALSE = [
    *BEYOND,
    ("Most calls (<ends:user_hangup> of <ends.calls>) ended because the agent hung up.", "ends"),
    ("The top reason was book with <intents:price> calls.", "intents"),
    ("Price leads with <intents:book> of <intents.calls> calls.", "intents"),
    ("There were <weeks> calls the week before.", "weeks"),
    ("There were <weeks.before> calls, compared with <weeks> the week before.", "weeks"),
    ("Calls fell from <weeks> to <weeks.before>.", "weeks"),
    ("There were <weeks.before> calls the month before.", "weeks"),
    ("The difference is statistically significant (<change> against <change.before>).", "change"),
    ("On Tuesday, April 6, there were <days:2026-04-06> calls.", "days"),
    ("The busiest day was April 12 with <days:2026-04-12> calls.", "days"),
    ("5 % of calls were shorter than <lengths>.", "lengths"),
    ("95 % of calls were longer than <lengths>.", "lengths"),
    ("The median duration is <lengths>.", "lengths"),
    ("The 90th percentile of the duration is <lengths>.", "lengths"),
    ("The average duration is <lengths>.", "lengths"),
    ("There were <callers> calls.", "callers"),
    ("The median call lasted <average> in March.", "average"),
    ("Web chats last <channels:voice> on average.", "channels"),
    ("SMS last the longest at <channels:sms>.", "channels"),
    ("Voice calls (<channels:voice>) take longer than web chats (<channels:webchat>).", "channels"),
    ("<booked> of calls in April ended with a confirmed booking.", "booked"),
    ("<booked> of calls in March ended without a booking.", "booked"),
    ("<booked> of Spanish calls in March ended with a confirmed booking.", "booked"),
    ("<long_spanish> English calls took longer than 30 seconds.", "long_spanish"),
    ("<long_spanish> Spanish calls took longer than 20 seconds.", "long_spanish"),
    ("<long_spanish> Spanish calls took less than 30 seconds.", "long_spanish"),
    ("<refund> calls mention a complaint.", "refund"),
    ("<languages:en> calls were in Spanish and <languages:es> in English.", "languages"),
    ("<both:voice/es> voice calls were in English.", "both"),
    ("English calls are booked more often (<rates:en>) than Spanish ones (<rates:es>).", "rates"),
    ("The busiest hour is 9:00 (<hours:10>).", "hours"),
    ("Mondays (<weekdays:Monday>) are quieter than Tuesdays (<weekdays:Tuesday>).", "weekdays"),
    ("Most callers wanted to book (<intents:book> calls).", "intents"),
    ("The handoff rate rose from <handoffs:2026-02-01> in February to <handoffs:2026-03-01> in March.", "handoffs"),
    ("<ends:handoff> calls were ended by the caller.", "ends"),
    ("The longest call took <extremes>.", "extremes"),
    ("The longest call took <average>.", "average"),
    ("Calls took <sum> on average.", "sum"),
    ("There are only a few reasons: book (<top3:book>), price (<top3:price>) and reminder (<top3:reminder>).", "top3"),
    ("<failed> calls were not booked.", "failed"),
    ("Complaints fell from <cmpint:complaint.before> to <cmpint:complaint>.", "cmpint"),
]
LEAST = 0.95
_SLOT = re.compile(r"<(\w+)(?::([^.>]+))?(?:\.(\w+))?>")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Ground]:
    now: datetime = NOW["clinic"]
    with open_data("clinic", tmp_path_factory.mktemp("honest"), shared) as data:
        asked = {}
        for name, raw in QUERIES.items():
            query = read_query({**raw, "time_zone": ZONE})
            asked[name] = Asked(query, data.run(query), name)
        zone = ZoneInfo(ZONE)
        yield Ground(asked, {}, partial(find_times, now=now, zone=zone), zone, data.terms)


def fill(text: str, ground: Ground) -> str:
    """The sentence with its numbers, written as the tools write them."""

    def number(slot: re.Match[str]) -> str:
        asked = ground.asked[slot[1]]
        if slot[3] == "calls":
            return f"{asked.result.calls:,}"
        if slot[3] == "unknown":
            return str(asked.result.coverage[0].not_asked)
        [row] = [each for each in asked.result.rows if slot[2] in (None, "/".join(map(str, each.group)))]
        found, measure = row.numbers[0], asked.query.measures[0]
        if slot[3] in {"count", "n"}:
            return f"{getattr(found, slot[3]):,}"
        value = found.value
        if slot[3] in {"low", "high"}:
            value = getattr(found.interval, slot[3])
        if slot[3] in {"before", "change"}:
            value = found.previous if slot[3] == "before" else found.change
        assert value is not None
        if measure.kind in {MeasureKind.RATE, MeasureKind.SHARE}:
            return f"{100 * abs(value):.1f} {'points' if slot[3] == 'change' else '%'}"
        if measure.of == "field.duration":
            return f"{value:.0f} seconds"
        return f"{abs(value):,.0f}"

    return _SLOT.sub(number, text)


def test_nineteen_of_twenty_true_sentences_are_shown(ground: Ground) -> None:
    told = [(fill(text, ground), name) for text, name in TRUE]
    checked = [check_sentence(Draft(text.removeprefix("- "), (name,)), ground) for text, name in told]
    dropped = [f"{each.text}  ({each.why})" for each in checked if isinstance(each, Dropped)]
    assert len(dropped) <= (1 - LEAST) * len(TRUE), "\n".join(dropped)
    assert all("[" in each.text for each in checked if isinstance(each, Kept))


def test_none_of_the_same_sentences_is_shown_where_it_is_false(ground: Ground) -> None:
    checked = [check_sentence(Draft(fill(text, ground), (name,)), ground) for text, name in FALSE]
    shown = [each.text for each in checked if isinstance(each, Kept)]
    assert not shown, "\n".join(shown)


def test_conditions_that_a_sentence_leaves_out_are_added_to_it(ground: Ground) -> None:
    checked = check_sentence(Draft(fill("<failed> calls came in.", ground), ("failed",)), ground)
    assert isinstance(checked, Kept)
    assert checked.text == fill("<failed> [failed] calls came in (calls where BOOKING_CONFIRMED is yes).", ground)
