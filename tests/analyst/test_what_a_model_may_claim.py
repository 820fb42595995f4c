"""Which sentences of a model are shown: those that a result or a quote bears out, and no others."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import some_turns

from postcall.analyst.checking.sentences import Checked, Draft, Dropped, Ground, Kept, check_answer, check_sentence
from postcall.analyst.planning.drafting import read_answer, read_text
from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import Asked, Citation, KnownTerm, NameKind
from postcall.domain.queries import (
    All,
    Condition,
    Coverage,
    GroupValue,
    Interval,
    Measure,
    MeasureKind,
    Number,
    Operator,
    Order,
    Query,
    Result,
    Row,
)

NOW = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)
JUNE = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")
TURNS = some_turns("agent: How can I help?", "user: I want my 20 dollars back, this is the third time.")


def asked(query: Query, *rows: tuple[tuple[GroupValue, ...], Number], calls: int, name: str) -> Asked:
    made = tuple(Row(group, (number,)) for group, number in rows)
    return Asked(query, Result(query, made, (), calls, 0), name)


def count(value: int, **more: float) -> Number:
    return Number(value, value, **more)  # type: ignore[arg-type]


TOTAL = asked(Query((CALLS,), since=JUNE[0], until=JUNE[1]), ((), count(1234)), calls=1234, name="q1")
REASONS = asked(
    Query((CALLS,), group_by=("metric.CALL_REASON",), order=(Order("calls", descending=True),), limit=3),
    (("billing",), count(412)),
    (("lost_card",), count(300)),
    (("sales",), count(88)),
    calls=900,
    name="q2",
)
RATE = asked(
    Query((Measure(MeasureKind.RATE, of="metric.BOOKED", name="rate"),)),
    ((), Number(0.1234, 1000, 123, Interval(0.104, 0.146))),
    calls=1100,
    name="q3",
)
LONG = asked(
    Query((CALLS,), filters=All((Condition("field.duration", Operator.GT, 300),))), ((), count(7)), calls=7, name="q4"
)
CHANGE = asked(
    Query((CALLS,), since=JUNE[0], until=JUNE[1], compare=True),
    ((), count(500, previous=450, change=50, p_value=0.2)),
    calls=500,
    name="q5",
)
LENGTH = asked(
    Query((Measure(MeasureKind.AVERAGE, of="field.duration", name="length"),)),
    ((), Number(252.4, 90)),
    calls=90,
    name="q6",
)
NONE = asked(Query((CALLS,)), ((), count(0)), calls=0, name="q7")
MONTHS = asked(
    Query((CALLS,), group_by=("month",)),
    (("2026-04-01",), count(40)),
    (("2026-05-01",), count(52)),
    calls=92,
    name="q10",
)
KNOWN = Asked(RATE.query, Result(RATE.query, (), (Coverage("metric.BOOKED", 100, 70, 20, 4, 3, 3),), 100, 0), "q8")
GROUND = Ground(
    {each.id: each for each in (TOTAL, REASONS, RATE, LONG, CHANGE, LENGTH, NONE, KNOWN, MONTHS)},
    {"call-1": TURNS},
    partial(find_times, now=NOW, zone=ZoneInfo("UTC")),
    ZoneInfo("UTC"),
    (
        KnownTerm("metric.BOOKED", NameKind.METRIC, "boolean", (True, False)),
        KnownTerm("metric.CALL_REASON", NameKind.METRIC, "text", ("billing", "lost_card", "sales")),
        KnownTerm("field.language", NameKind.FIELD, "text", ("en", "es")),
    ),
)


def check(text: str, *queries: str, cites: tuple[Citation, ...] = ()) -> Kept | Dropped:
    return check_sentence(Draft(text, queries, cites), GROUND)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("There were 1,234 calls.", "q1", "There were 1,234 [q1] calls."),
        ("There were 1234 calls from June 1 to June 7.", "q1", "There were 1234 [q1] calls from June 1 to June 7."),
        ("12.3 % of calls were booked.", "q3", "12.3 % [q3] of calls were booked."),
        ("About 12% were booked.", "q3", "About 12% [q3] were booked."),
        ("123 of 1,000 were booked.", "q3", "123 [q3] of 1,000 [q3] were booked."),
        ("The interval is 10.4 % to 14.6 %.", "q3", "The interval is 10.4 % [q3] to 14.6 % [q3]."),
        ("Billing leads with 412 calls.", "q2", "Billing leads with 412 [q2] calls."),
        ("Top: billing (412), lost card (300).", "q2", "Top: billing (412 [q2]), lost card (300 [q2])."),
        ("412 were about billing and 88 about sales.", "q2", "412 [q2] were about billing and 88 [q2] about sales."),
        ("Of all 900 calls, 412 were about billing.", "q2", "Of all 900 [q2] calls, 412 [q2] were about billing."),
        ("7 calls took longer than 5 minutes.", "q4", "7 [q4] calls took longer than 5 minutes."),
        ("Calls rose from 450 to 500.", "q5", "Calls rose from 450 [q5] to 500 [q5]."),
        ("There were 50 more calls than before.", "q5", "There were 50 [q5] more calls than before."),
        ("The change is not significant: 50 calls.", "q5", "The change is not significant: 50 [q5] calls."),
        ("A call takes 4.2 minutes on average.", "q6", "A call takes 4.2 minutes [q6] on average."),
        ("A call takes 4 min 12 s on average.", "q6", "A call takes 4 min 12 s [q6] on average."),
        ("No calls were found.", "q7", "No calls were found [q7]."),
        ("May: 52, up from 40 in April.", "q10", "May: 52 [q10], up from 40 [q10] in April."),
        ("May had more calls than April: 52, not 40.", "q10", "May had more calls than April: 52 [q10], not 40 [q10]."),
        ("12.3 % (95 % interval: up to 14.6 %).", "q3", "12.3 % [q3] (95 % interval: up to 14.6 % [q3])."),
        ("It is unknown in 20 of 100 calls.", "q8", "It is unknown in 20 [q8] of 100 [q8] calls."),
    ],
)  # fmt: skip
def test_what_a_result_says_is_shown_and_marked(text: str, query: str, shown: str) -> None:
    kept = check(text, query)
    assert isinstance(kept, Kept), kept
    assert kept.text == shown


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("There were 1,235 calls.", "q1"),
        ("There were 1.2k calls.", "q1"),
        ("There were 1,234 thousand calls.", "q1"),
        ("There were over a thousand calls.", "q1"),
        ("There were 1,234 calls in May.", "q1"),
        ("There were 1,234 calls yesterday.", "q1"),
        ("There were １２３４ calls.", "q1"),
        ("There were ½ as many.", "q1"),
        ("There were 1234.5 calls.", "q1"),
        ("There were 1234/2 calls.", "q1"),
        ("There were 1,234 % of them.", "q1"),
        ("There were 1,234 calls.", "q9"),
        ("12.4 % of calls were booked.", "q3"),
        ("One in eight calls was booked.", "q3"),
        ("1 in 8 calls was booked.", "q3"),
        ("An eighth, or half, was booked.", "q3"),
        ("Most calls were booked: 12.3 %.", "q3"),
        ("1,000 calls were booked.", "q3"),
        ("123 of 1,100 were booked.", "q3"),
        ("14.6 % of calls were booked.", "q3"),
        ("0.1 of calls were booked.", "q3"),
        ("Sales leads with 412 calls.", "q2"),
        ("There were 412 calls.", "q2"),
        ("Billing had 300 calls and lost card had 412.", "q2"),
        ("Billing with 300, lost card with 412, sales with 88.", "q2"),
        ("Sales is the most common reason, with 88 calls.", "q2"),
        ("Lost card is the second most common, with 300 calls.", "q2"),
        ("Sales is the least common reason, with 88 calls.", "q2"),
        ("There were 40 calls in May.", "q10"),
        ("In May there were 52 calls, down from 40 in April.", "q10"),
        ("April had more calls than May: 40, not 52.", "q10"),
        ("Sales (88) had more calls than billing (412).", "q2"),
        ("There were 1,234 calls, see [CALL-abc].", "q1"),
        ("There were 1,234 calls, see https://example.org.", "q1"),
        ("There were 5 calls.", "q4"),
        ("7 calls took longer than 6 minutes.", "q4"),
        ("Calls fell from 450 to 500.", "q5"),
        ("The rise to 500 calls is significant.", "q5"),
        ("There were 450 calls this year.", "q5"),
        ("A call takes 252 minutes.", "q6"),
        ("A call takes 4:12 on average.", "q6"),
        ("No calls were about billing.", "q2"),
        ("Nobody ever calls twice.", "q2"),
        ("20 calls were booked.", "q8"),
        ("Callers are furious.", "q1"),
        ("There were 1,234 bookings.", "q1"),
        ("1,234 calls were in Spanish.", "q1"),
        ("12.3 % of calls were not booked.", "q3"),
        ("12.3 % of Spanish calls were booked.", "q3"),
        ("7 calls about billing took longer than 5 minutes.", "q4"),
        ("Callers are furious.", ""),
        ("Callers about billing never pay.", "q2"),
        ("Billing callers are rude.", "q2"),
        ("412 callers about billing were furious.", "q2"),
        ("There were 1,234 calls because of the outage.", "q1"),
        ('They all say "I hate you" in 1,234 calls.', "q1"),
    ],
)  # fmt: skip
def test_what_no_result_says_is_not_shown(text: str, query: str) -> None:
    dropped = check(text, *([query] if query else []))
    assert isinstance(dropped, Dropped), dropped
    assert dropped.why


def test_a_number_without_a_mark_is_marked_with_the_result_that_says_it() -> None:
    kept = check("There were 1,234 calls.")
    assert isinstance(kept, Kept)
    assert kept.text == "There were 1,234 [q1] calls."


@pytest.mark.parametrize(
    "cited",
    [
        Citation("call-2", 1, "I want my 20 dollars back"),
        Citation("call-1", 0, "I want my 20 dollars back"),
        Citation("call-1", 7, "I want my 20 dollars back"),
        Citation("call-1", -1, "I want my 20 dollars back"),
        Citation("call-1", 1, "I want my 30 dollars back"),
        Citation("call-1", 1, "I do not want my 20 dollars back"),
        Citation("call-1", 1, ""),
    ],
    ids=["no such call", "another turn", "no such turn", "negative turn", "another number", "denied", "empty"],
)
def test_a_citation_that_does_not_hold_takes_its_sentence_along(cited: Citation) -> None:
    assert isinstance(check("A caller wants money back.", cites=(cited,)), Dropped)


def test_a_citation_that_holds_is_shown_with_the_words_of_the_turn() -> None:
    kept = check("A caller wants money back.", cites=(Citation("call-1", 1, "i want MY 20 dollars back"),))
    assert isinstance(kept, Kept)
    assert kept.citations == (Citation("call-1", 1, "I want my 20 dollars back"),)


TALK = some_turns(
    "agent: I cannot give you a refund.", "user: I do not want the crown, I never booked it.", "user: I can't log in.",
    "user: You were very helpful.", "agent: Sorry, no slot is free.",
)  # fmt: skip


def cite(text: str, turn: int, quote: str) -> Kept | Dropped:
    ground = Ground(GROUND.asked, {"call-3": TALK}, GROUND.times, GROUND.zone, GROUND.terms)
    return check_sentence(Draft(text, (), (Citation("call-3", turn, quote),)), ground)


@pytest.mark.parametrize(
    ("text", "turn", "quote"),
    [
        ("A caller wants the crown.", 1, "want the crown"),
        ("A caller wants the crown.", 1, "I do not want the crown"),
        ("A caller booked the crown.", 1, "I never booked it"),
        ("The agent gives a refund.", 0, "give you a refund"),
        ("A caller asks for a refund.", 0, "I cannot give you a refund"),
        ("The agent offers to log in.", 2, "I can't log in"),
        ("The caller was never helped.", 3, "You were very helpful"),
        ("Nobody can log in.", 2, "I can't log in"),
        ("Every week callers praise the agent.", 3, "You were very helpful"),
        ("Callers often praise the agent.", 3, "You were very helpful"),
    ],
)
def test_a_quote_is_not_shown_for_its_opposite_nor_for_the_other_side(text: str, turn: int, quote: str) -> None:
    assert isinstance(cite(text, turn, quote), Dropped)


@pytest.mark.parametrize(
    ("text", "turn", "quote"),
    [
        ("The agent refuses a refund.", 0, "I cannot give you a refund"),
        ("A caller does not want the crown.", 1, "I do not want the crown"),
        ("One caller says that the crown was never booked.", 1, "I never booked it"),
        ("A caller has trouble logging in.", 2, "I can't log in"),
        ("Another praises the agent.", 3, "You were very helpful"),
        ("One caller is told that no slot is free.", 4, "no slot is free"),
    ],
)
def test_a_quote_is_shown_for_what_it_says(text: str, turn: int, quote: str) -> None:
    assert isinstance(cite(text, turn, quote), Kept)


def test_words_in_quotation_marks_must_be_those_of_the_turn() -> None:
    cited = (Citation("call-1", 1, "I want my 20 dollars back"),)
    assert isinstance(check("A caller says “I want my 20 dollars back”.", cites=cited), Kept)
    assert isinstance(check("A caller says “I will sue you”.", cites=cited), Dropped)


def test_one_false_sentence_does_not_cost_the_others() -> None:
    checked = check_answer(
        read_text("There were 1,234 [q1] calls. 99 % were angry [q3]. 12.3 % [q3] booked.").drafts, GROUND
    )
    assert [each.text for each in checked.kept] == ["There were 1,234 [q1] calls.", "12.3 % [q3] booked."]
    assert len(checked.dropped) == 1


def test_a_plain_answer_may_cite_too() -> None:
    [draft] = read_text('A caller wants money back [call-1 turn 1: "my 20 dollars back"].').drafts
    assert draft == Draft("A caller wants money back.", (), (Citation("call-1", 1, "my 20 dollars back"),))


@pytest.mark.parametrize(
    "arguments",
    ["", "[]", "{", '{"sentences": 5}', '{"sentences": [{"text": 5}]}', '{"sentences": [null, [], {}]}',
     '{"missing": ["99 problems", {"a": 1}]}', '{"sentences": [{"text": "x", "citations": [{"turn": "no"}]}]}'],
)  # fmt: skip
def test_an_answer_of_nonsense_proposes_nothing(arguments: str) -> None:
    assert read_answer(arguments).is_empty


@pytest.mark.parametrize("asked", ["Do you mean the 99 % who cancel?", "All are angry. Which?", "x" * 300, "Tell me"])
def test_what_a_model_asks_back_claims_nothing(asked: str) -> None:
    assert read_answer(f'{{"ask_back": "{asked}"}}').asks_back == ""


@pytest.mark.parametrize("piece", [" ", "\n", "[", ".[", "1", "most ", "more ", '"', "- ", "1. "])
def test_a_model_that_babbles_is_soon_read(piece: str) -> None:
    began = time.monotonic()
    check_answer(read_text(f"{piece * 20_000}x").drafts, GROUND)
    assert time.monotonic() - began < 2


@given(st.text(max_size=200))
def test_no_text_breaks_the_checking(text: str) -> None:
    checked = check_answer(read_text(text).drafts, GROUND)
    assert isinstance(checked, Checked)


@given(st.integers(0, 10_000_000).filter(lambda n: n not in {1234, 900}), st.sampled_from(["", ","]))
def test_no_invented_count_of_calls_is_shown(number: int, separator: str) -> None:
    assert isinstance(check(f"There were {number:{separator}} calls.", "q1"), Dropped)
