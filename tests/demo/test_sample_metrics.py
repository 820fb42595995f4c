"""The clinic's definitions and what its calls write agree."""

from __future__ import annotations

from datetime import UTC, datetime

from postcall.demo import generate_calls
from postcall.demo.metrics import CLINIC_METRICS
from postcall.domain.metrics import MetricDefinition, fit

DAY = datetime(2026, 3, 2, tzinfo=UTC)
DEFINED = {
    each.name: MetricDefinition(
        agent_id="0" * 24,
        name=each.name,
        type=each.type,
        expected_values=each.expected_values,
        definition=each.definition,
        active=True,
        in_api=True,
        created_at=DAY,
        updated_at=DAY,
    )
    for each in CLINIC_METRICS
}


def test_what_the_sample_calls_write_fits_its_definition() -> None:
    writes = [write for call in generate_calls(seed=7, count=1_500, end=DAY) for write in call.metrics]
    misfits = [
        write for write in writes if write.name in DEFINED and fit(write.value, DEFINED[write.name]) != write.value
    ]
    assert misfits == []
    assert DEFINED.keys() <= {write.name for write in writes}


def test_some_names_are_left_to_be_defined() -> None:
    names = {write.name for call in generate_calls(seed=7, count=500, end=DAY) for write in call.metrics}
    assert 3 <= len(names - DEFINED.keys()) <= 15
