"""The names and values that a question may mean, and what a key for chosen agents may know of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.aside import run_aside
from tests.builders import AGENT, NOON, Desk, StepClock, a_call, a_question, an_answer, findings

from postcall.analyst.names.known_terms import MOST_VALUES, read_terms
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.metrics import MetricType
from postcall.errors import AgentNotFound
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import Record
from postcall.storage.metric_definitions import NewMetric, define_missing_metrics

REASON = NewMetric("REASON", MetricType.STRING, ("billing", "refill"), "Why somebody calls.")


@pytest.fixture
def reports(record: Record, tmp_path: Path, clock: StepClock) -> Iterator[Reports]:
    with Reports(record, Index(record, tmp_path / "index.duckdb", clock=clock)) as made:
        yield made


def terms(desk: Desk, reports: Reports, agent: str | None = None, **more: Any) -> dict[str, KnownTerm]:
    """By name."""
    return {term.name: term for term in run_aside(read_terms(desk.record, reports, desk.pk, agent, **more))}


def test_definitions_and_what_calls_carry_are_one_term(desk: Desk, reports: Reports) -> None:
    desk.hand_in(a_call("one", metrics={"REASON": "refill", "ROOM": "blue", "PAIN": 3}))
    desk.hand_in(a_call("two", metrics={"ROOM": "green"}))
    desk.hand_in(a_call("three", metrics={"ROOM": "green"}))
    desk.record.write(lambda c: define_missing_metrics(c, desk.pk, AGENT, [REASON], now=NOON))
    found = terms(desk, reports)
    says = "Why somebody calls."
    assert found["metric.REASON"] == KnownTerm("metric.REASON", NameKind.METRIC, "text", ("billing", "refill"), says)
    assert found["metric.ROOM"].values == ("green", "blue"), "the commonest first"
    assert (found["metric.PAIN"].type, found["metric.PAIN"].values) == ("number", ())


def test_a_question_is_a_term_with_its_prompt_and_choices(desk: Desk, reports: Reports) -> None:
    desk.ask(a_question(), a_question("mood", "How did they feel?", "ENUM", choices=("good", "bad")))
    desk.hand_in(a_call())
    (job,) = desk.claim()
    desk.finish(job, findings(an_answer(), an_answer("mood", "good", type="ENUM")))
    found = terms(desk, reports)
    assert found["metric.mood"] == KnownTerm(
        "metric.mood", NameKind.ANSWER, "text", ("good", "bad"), "How did they feel?"
    )
    assert found["metric.booked"].type == "boolean"
    assert found["metric.booked"].kind is NameKind.ANSWER


def test_what_code_wrote_too_is_a_metric(desk: Desk, reports: Reports) -> None:
    desk.ask(a_question())
    desk.hand_in(a_call(metrics={"booked": True}))
    assert terms(desk, reports)["metric.booked"].kind is NameKind.METRIC


def test_fields_that_no_call_has_are_no_terms(desk: Desk, reports: Reports) -> None:
    desk.hand_in(a_call(language="es"))
    found = terms(desk, reports)
    assert found["field.language"].values == ("es",)
    assert found["field.channel"].values == ("voice", "webchat", "sms")
    assert "field.duration" in found
    assert not {"field.latency", "field.cost", "field.campaign", "field.variant"} & set(found)


def test_nothing_is_known_of_an_empty_account_but_the_fields(desk: Desk, reports: Reports) -> None:
    assert all(term.kind is NameKind.FIELD for term in terms(desk, reports).values())


def test_only_the_commonest_values_are_read(desk: Desk, reports: Reports) -> None:
    desk.hand_in(a_call(metrics={"NOTE": [f"note {number}" for number in range(MOST_VALUES + 5)]}))
    assert len(terms(desk, reports)["metric.NOTE"].values) == MOST_VALUES


def test_a_narrow_key_learns_nothing_of_other_agents(desk: Desk, reports: Reports) -> None:
    desk.hand_in(a_call("one", metrics={"SHARED": "mine", "MINE": True}, language="es"))
    desk.hand_in(a_call("two", agent="bank", metrics={"SHARED": "theirs", "THEIRS": True}, language="de", variant="x"))
    secret = NewMetric("SHARED", MetricType.STRING, ("secret",), "A secret.")
    desk.record.write(lambda c: define_missing_metrics(c, desk.pk, "bank", [secret], now=NOON))
    narrow = terms(desk, reports, slugs=[AGENT])
    assert narrow["metric.SHARED"] == KnownTerm("metric.SHARED", NameKind.METRIC, "text", ("mine",))
    assert "metric.THEIRS" not in narrow
    assert "field.variant" not in narrow
    assert narrow["field.language"].values == ("es",)
    assert narrow["field.agent"].values == (AGENT,)
    assert terms(desk, reports, AGENT) == narrow, "as for one who asks of this agent alone"
    assert terms(desk, reports)["metric.SHARED"].values == ("secret", "mine"), "a misfit is none"


def test_a_key_whose_agents_are_gone_knows_no_metric(desk: Desk, reports: Reports) -> None:
    desk.hand_in(a_call(metrics={"MINE": True}, language="es"))
    for found in (terms(desk, reports, slugs=[]), terms(desk, reports, AGENT, slugs=["bank"])):
        assert all(term.kind is NameKind.FIELD for term in found.values())
        assert "field.language" not in found


def test_an_agent_that_there_is_not_is_said_so(desk: Desk, reports: Reports) -> None:
    with pytest.raises(AgentNotFound):
        terms(desk, reports, "nobody")
