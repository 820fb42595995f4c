"""Settings that act at once, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk, a_call

from postcall.domain.calls import Environment
from postcall.domain.real_time_configs import check_real_time_config, read_environment
from postcall.errors import BadInput
from postcall.storage.agents import find_agent_row
from postcall.storage.real_time_configs import (
    change_real_time_data,
    read_real_time_config,
    seed_real_time_config,
    write_real_time_config,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "open": {"type": "boolean"},
        "hours": {"type": "array", "items": {"type": "object", "required": ["from"]}},
    },
    "required": ["open"],
}
LIVE = Environment.LIVE


@pytest.fixture
def clinic(desk: Desk) -> int:
    desk.hand_in(a_call())
    return int(desk.record.read(lambda c: find_agent_row(c, desk.pk, "clinic").pk))


def write(desk: Desk, agent_pk: int, data: Any, schema: Any = SCHEMA, environment: Environment = LIVE) -> None:
    desk.record.write(lambda c: write_real_time_config(c, agent_pk, environment, schema, data, now=desk.clock()))


def read(desk: Desk, agent_pk: int, environment: str = "live") -> Any:
    return desk.record.read(lambda c: read_real_time_config(c, agent_pk, environment))


def seed(desk: Desk, agent_pk: int, data: Any) -> bool:
    return desk.record.write(lambda c: seed_real_time_config(c, agent_pk, LIVE, SCHEMA, data, now=desk.clock()))


def test_each_environment_has_its_own_settings(desk: Desk, clinic: int) -> None:
    assert read(desk, clinic) is None
    write(desk, clinic, {"open": True, "odd": "Grüße 🙂"})
    write(desk, clinic, {"open": False}, environment=Environment.SANDBOX)
    assert read(desk, clinic) == (SCHEMA, {"open": True, "odd": "Grüße 🙂"})
    assert read(desk, clinic, "sandbox") == (SCHEMA, {"open": False})
    assert read(desk, clinic, "pre-release") is None


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "data"),
        ({"open": "yes"}, "data.open"),
        ({"open": True, "hours": [{"from": 1}, {}]}, "data.hours[1]"),
        ([], "data"),
        (None, "data"),
    ],
)
def test_data_that_do_not_fit_are_refused_by_their_path_and_the_old_stay(
    desk: Desk, clinic: int, data: Any, path: str
) -> None:
    write(desk, clinic, {"open": True})
    with pytest.raises(BadInput) as refused:
        write(desk, clinic, data)
    assert refused.value.field == path
    assert read(desk, clinic) == (SCHEMA, {"open": True})


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ([], "schema"),
        ({"type": "nonsense"}, "schema.type"),
        ({"properties": {"a": {"type": 5}}}, "schema.properties.a.type"),
        ({"$ref": "http://127.0.0.1:1/other.json"}, "schema"),
        ({"$ref": "#/definitions/gone"}, "schema"),
        ({"$ref": "#"}, "schema"),
        ({"properties": {"open": {"pattern": "("}}}, "schema.properties.open.pattern"),
    ],
)
def test_a_schema_that_is_none_is_refused_and_nothing_is_fetched(
    desk: Desk, clinic: int, schema: Any, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        write(desk, clinic, {"open": "x"}, schema)
    assert refused.value.field == field
    assert read(desk, clinic) is None


def test_some_names_change_and_the_others_stay(desk: Desk, clinic: int) -> None:
    write(desk, clinic, {"open": True, "greeting": "Hello", "old": 1})

    def change(**changes: Any) -> Any:
        return desk.record.write(lambda c: change_real_time_data(c, clinic, LIVE, changes, now=desk.clock()))

    assert change(open=False, old=None, new=None) == (SCHEMA, {"open": False, "greeting": "Hello"})
    assert read(desk, clinic) == (SCHEMA, {"open": False, "greeting": "Hello"})
    with pytest.raises(BadInput):
        change(open=None)
    assert read(desk, clinic) == (SCHEMA, {"open": False, "greeting": "Hello"})


def test_a_null_that_nobody_changes_stays(desk: Desk, clinic: int) -> None:
    write(desk, clinic, {"open": True, "until": None})
    desk.record.write(lambda c: change_real_time_data(c, clinic, LIVE, {"open": False}, now=desk.clock()))
    assert read(desk, clinic) == (SCHEMA, {"open": False, "until": None})


def test_a_project_sets_them_only_where_there_are_none(desk: Desk, clinic: int) -> None:
    with pytest.raises(BadInput):
        seed(desk, clinic, {"open": "yes"})
    assert seed(desk, clinic, {"open": True})
    write(desk, clinic, {"open": False})
    assert not seed(desk, clinic, {"open": True})
    assert read(desk, clinic) == (SCHEMA, {"open": False})


def test_an_environment_is_called_by_its_name() -> None:
    assert read_environment("pre-release") is Environment.PRE_RELEASE
    with pytest.raises(BadInput) as refused:
        read_environment("prod")
    assert refused.value.field == "environment"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(schema=_JSON, data=_JSON)
def test_whatever_is_given_it_fits_or_is_refused(schema: Any, data: Any) -> None:
    try:
        check_real_time_config(schema, data)
    except BadInput as refused:
        assert refused.field is not None and refused.field.split(".")[0].split("[")[0] in {"schema", "data"}
        return
    assert isinstance(schema, dict) and isinstance(data, dict)
