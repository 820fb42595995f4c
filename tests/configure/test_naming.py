"""What the linter says of an agent's metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.configure.metric_findings import Finding, Rule, Severity
from postcall.configure.naming import lint_metrics
from postcall.domain.metrics import MetricDefinition, MetricType

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GOOD = {
    "boolean": "True once the clinic's calendar has confirmed it; written by the end function.",
    "string": "Which of the values fits best; written once per call when the caller has said what they want.",
    "integer": "As counted by the end function; written once at the end of every call.",
    "float": "In euros; written when the payment went through.",
}


def defined(
    *specs: str | tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, tuple[str, ...]],
) -> list[MetricDefinition]:
    """Definitions in the order in which they were made; each `name` or `(name, type, definition, values)`."""
    made = []
    for index, spec in enumerate(specs):
        name, kind, said, values = (*((spec,) if isinstance(spec, str) else spec), None, None, None, None)[:4]
        type_ = MetricType(kind or "boolean")
        text = GOOD[type_] if said is None else str(said)
        at = NOW + timedelta(seconds=index)
        made.append(MetricDefinition("a", str(name), type_, tuple(values or ()), text, True, True, at, at))
    return made


def about(findings: tuple[Finding, ...], name: str) -> Finding:
    [found] = [finding for finding in findings if finding.name == name]
    return found


CLEAN = defined(
    "BOOKING_CONFIRMED",
    "BOOKING_CANCELLED",
    ("BOOKING_CANCEL_REASON", "string"),
    ("HANDOFF_REASON", "string", GOOD["string"], ("billing", "complaint", "other")),
    ("HANDOFF_DESTINATION", "string"),
    ("CSAT_SCORE", "integer"),
    "CSAT_OFFERED",
    "CSAT_ACCEPTED",
    ("CALL_REASON", "string", GOOD["string"], ("booking", "new_patient", "no_show")),
    "PAYMENT_TAKEN",
    ("PAYMENT_AMOUNT", "float"),
    ("TRANSFER_AMOUNT", "float"),
    "REFUND_REQUESTED",
    "SMS_SENT",
    "SMS_LINK_SENT",
    "PLAN_CHANGED",
    "PLAN_CHARGED",
    "IDENTITY_VERIFIED",
    ("TIER_1_QUESTIONS", "integer"),
    ("TIER_2_QUESTIONS", "integer"),
)


def test_a_clean_set_draws_no_remark() -> None:
    assert lint_metrics(CLEAN) == ()


def test_one_way_of_writing_is_fine_whichever_it_is() -> None:
    assert lint_metrics(defined("booking_confirmed", "csat_offered", "duration")) == ()


@pytest.mark.parametrize("name", ["csat_offered", "csatOffered", "CsatOffered", "csat-offered"])
def test_mixed_casing_is_told_with_the_name_to_write(name: str) -> None:
    found = about(lint_metrics(defined("BOOKING_CONFIRMED", name)), name)
    assert (found.rule, found.fix and found.fix.name) == (Rule.CASING, "CSAT_OFFERED")


def test_white_space_in_a_name_is_told() -> None:
    found = about(lint_metrics(defined("csat offered")), "csat offered")
    assert (found.rule, found.fix and found.fix.name) == (Rule.SPACES, "CSAT_OFFERED")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("HANDOFF_REASON", "TRANSFER_REASON"),
        ("HANDOFF_REASON", "ESCALATION_REASON"),
        ("CANCEL_REASON", "CANCELLATION_REASON"),
        ("BOOKING_ID", "APPOINTMENT_ID"),
        ("CALLER_VERIFIED", "CUSTOMER_AUTHENTICATED"),
        ("HANDOFF_REASON", "REASON_HANDOFFS"),
    ],
)
def test_two_names_for_one_thing_are_told_and_the_earlier_stays(first: str, second: str) -> None:
    found = about(lint_metrics(defined(first, second)), second)
    assert (found.rule, found.severity) == (Rule.SYNONYM, Severity.PROBLEM)
    assert found.fix is not None and found.fix.name == first


def test_one_topic_under_two_words_is_told() -> None:
    found = about(
        lint_metrics(defined(("HANDOFF_REASON", "string"), "HANDOFF_OFFERED", ("TRANSFER_TARGET", "string"))),
        "TRANSFER_TARGET",
    )
    assert (found.rule, found.fix and found.fix.name) == (Rule.SYNONYM, "HANDOFF_TARGET")


def test_names_that_differ_only_in_case_are_a_problem() -> None:
    found = about(lint_metrics(defined("BOOKING_CONFIRMED", "BookingConfirmed")), "BookingConfirmed")
    assert (found.rule, found.severity) == (Rule.SAME_NAME, Severity.PROBLEM)


def test_a_misspelt_name_in_calls_is_traced_to_its_definition() -> None:
    found = about(lint_metrics(defined("BOOKING_CONFIRMED"), ["BOOKING_CONFIRMD"]), "BOOKING_CONFIRMD")
    assert (found.rule, found.fix and found.fix.name) == (Rule.TYPO, "BOOKING_CONFIRMED")


def test_two_letters_that_changed_places_are_a_slip_of_the_pen() -> None:
    assert about(lint_metrics(defined(("CSAT_SCORE", "integer")), ["CSAT_SCROE"]), "CSAT_SCROE").rule is Rule.TYPO


def test_a_plural_is_the_same_name() -> None:
    assert about(lint_metrics(defined("REFUND_OFFERED", "REFUNDS_OFFERED")), "REFUNDS_OFFERED").rule is Rule.SYNONYM


def test_a_name_outside_its_topics_prefix_is_told_where_to_stand() -> None:
    findings = lint_metrics(defined(("CALLBACK_TIME", "string"), ("CALLBACK_PHONE", "string"), "SCHEDULED_CALLBACK"))
    found = about(findings, "SCHEDULED_CALLBACK")
    assert (found.rule, found.fix and found.fix.name) == (Rule.PREFIX, "CALLBACK_SCHEDULED")


@pytest.mark.parametrize(
    ("kind", "said", "says"),
    [
        ("boolean", "", "no definition"),
        ("boolean", "Csat was offered", "repeats the name"),
        ("boolean", "CSAT question asked", "too short"),
        ("boolean", "The caller gets the question about satisfaction", "under which condition"),
        ("integer", "What the caller thinks of the service", "when it applies"),
        ("string", "Written at the end: the topic, product, etc", "leaves open"),
    ],
)
def test_a_vague_definition_is_told_with_a_draft_of_a_better_one(kind: str, said: str, says: str) -> None:
    found = about(lint_metrics(defined(("CSAT_OFFERED", kind, said))), "CSAT_OFFERED")
    assert found.rule is Rule.DEFINITION
    assert says in found.problem
    assert found.fix is not None and found.fix.draft
    assert found.fix.definition is not None and "…" in found.fix.definition


@pytest.mark.parametrize(
    ("values", "better", "draft"),
    [
        (("Booked", "cancelled", "LEFT"), ("booked", "cancelled", "left"), False),
        (("no_show", "left early", "came_late"), ("no_show", "left_early", "came_late"), True),
        (("cancelled", "left", "canceled"), ("cancelled", "left"), True),
        (("no_show", "left", "no-show"), ("no_show", "left"), True),
    ],
)
def test_values_written_in_two_ways_are_told_and_only_a_change_of_case_is_safe_by_itself(
    values: tuple[str, ...], better: tuple[str, ...], draft: bool
) -> None:
    found = about(lint_metrics(defined(("OUTCOME", "string", GOOD["string"], values))), "OUTCOME")
    assert found.rule is Rule.VALUES
    assert found.fix is not None
    assert (found.fix.expected_values, found.fix.draft) == (better, draft)


@pytest.mark.parametrize("values", [tuple(f"branch_{number}" for number in range(25)), ("only",)])
def test_too_many_values_and_a_single_one_are_told(values: tuple[str, ...]) -> None:
    assert about(lint_metrics(defined(("OUTCOME", "string", GOOD["string"], values))), "OUTCOME").rule is Rule.VALUES


def test_every_remark_says_why_it_matters() -> None:
    findings = lint_metrics(
        defined("BOOKED", ("handoff reason", "string", ""), ("csatOffered", "boolean", "offered"), "TRANSFER_REASON"),
        ["BOKED", "Booked"],
    )
    assert findings
    assert all(finding.problem and finding.why for finding in findings)


def test_retired_metrics_are_left_alone() -> None:
    [old] = defined(("transfer reason", "string", ""))
    retired = MetricDefinition(old.agent_id, old.name, old.type, (), "", False, True, NOW, NOW)
    assert lint_metrics([*CLEAN, retired], [old.name]) == ()


names = st.lists(st.text(min_size=1, max_size=12) | st.sampled_from(["A_B", "aB", "a b", "HANDOFF", "🙂"]), max_size=6)


@given(names, names)
def test_any_names_can_be_linted_and_none_draws_two_remarks_about_itself(declared: list[str], seen: list[str]) -> None:
    findings = lint_metrics(defined(*dict.fromkeys(declared)), seen)
    about_names = [f.name for f in findings if f.rule not in (Rule.DEFINITION, Rule.VALUES)]
    assert len(about_names) == len(set(about_names))
    assert all(f.fix is None or f.fix.name != f.name for f in findings)


@pytest.mark.parametrize(
    ("written", "known"), [("AMOUNT_DISPUTED", "amount_disputed"), ("amountDisputed", "AMOUNT_DISPUTED")]
)
def test_advice_about_two_spellings_leads_to_one_of_them(written: str, known: str) -> None:
    findings = lint_metrics(defined(known, "CSAT_OFFERED"), [written])
    [found] = [each for each in findings if each.name in {written, known}]
    assert (found.rule, found.fix and found.fix.name) == (Rule.SAME_NAME, "AMOUNT_DISPUTED")
    assert found.name != "AMOUNT_DISPUTED"
