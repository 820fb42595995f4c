"""Definitions of metrics as YAML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.api.metric_yaml import MAX_BYTES, MetricFile, read_metric_yaml, write_metric_yaml
from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.errors import BadInput
from postcall.storage.metric_definitions import NewMetric

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def read(text: str) -> MetricFile:
    return read_metric_yaml(text.encode())


def test_a_file_says_names_types_definitions_and_values() -> None:
    file = read(
        """
        BOOKED: {type: bool, description: True once booked.}
        OUTCOME:
          type: string
          definition: |
            How it ended.
          expected_values: [booked, yes, no, 5, 2026-01-01]
          active: false
          api: off
        """
    )
    assert file.problems == ()
    assert file.metrics == (
        NewMetric("BOOKED", MetricType.BOOLEAN, definition="True once booked."),
        NewMetric(
            "OUTCOME",
            MetricType.STRING,
            ("booked", "yes", "no", "5", "2026-01-01"),
            "How it ended.\n",
            active=False,
            in_api=False,
        ),
    )


def test_names_are_taken_as_they_are_written() -> None:
    assert [metric.name for metric in read("NO: {type: int}\n1.50: {type: int}\n~: {type: int}").metrics] == [
        "NO",
        "1.50",
        "~",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A: {type: int}\nB: {type: int}\nA: {type: int}", "line 3: 'A' stands twice; it is on line 1 already"),
        ("A:\n  type: int\n  type: int", "line 3: 'type' stands twice"),
        ("A: &a {type: int}\nB: *a", "line 2: aliases"),
        ("A: {type: int", "line 1: "),
        ("- A\n- B", "line 1: the file must hold names"),
        ("just words", "line 1: "),
        ("A: {type: {a: {b: {c: {d: 1}}}}}", "nested too deeply"),
        ("A: {type: int}\n---\nB: {type: int}", "line 2"),
        ("? [a, b]\n: {type: int}", "line 1: a name must be text"),
        ("A: \x07", "no YAML"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert says in refused.value.message


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(12)]
    with pytest.raises(BadInput):
        read("\n".join(lines))


def test_a_huge_file_and_one_deep_as_a_well_are_refused() -> None:
    with pytest.raises(BadInput):
        read_metric_yaml(b"#" * (MAX_BYTES + 1))
    with pytest.raises(BadInput):
        read("A: " + "[" * 100_000)
    with pytest.raises(BadInput):
        read("\n".join(f"M{number}: {{type: int}}" for number in range(2_001)))


def test_nothing_in_a_file_is_run() -> None:
    file = read("A: !!python/object/apply:os.system {type: int}")
    assert [metric.name for metric in file.metrics] == ["A"]


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        ("A: 5", 1, "fields below it"),
        ("A: {}", 1, "type: required field is missing"),
        ("A:\n  definition: x\n  type: number", 3, "'number' is none of"),
        ("A:\n  type: int\n  shape: round", 3, "unknown field"),
        ("A:\n  type: int\n  expected_values: [a]", 3, "only a string"),
        ("A:\n  type: string\n  expected_values: a", 3, "must be a list"),
        ("A:\n  type: string\n  expected_values: [a, [b]]", 3, "must be text"),
        ("A:\n  type: string\n  expected_values: [a, A]", 3, "stands twice"),
        ("A:\n  type: int\n  active: perhaps", 3, "true or false"),
        ("A:\n  type: int\n  definition: a\n  description: b", 3, "one field"),
        ("'': {type: int}", 1, "name: must be"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line_and_costs_no_other(entry: str, line: int, says: str) -> None:
    file = read(f"{entry}\nFINE: {{type: int}}\n")
    assert [metric.name for metric in file.metrics] == ["FINE"]
    [problem] = file.problems
    assert (problem.line, says in problem.problem) == (line, True), problem


def test_an_empty_file_says_nothing() -> None:
    assert read("") == read("# nothing\n") == MetricFile((), ())
    assert write_metric_yaml([]) == ""


storable = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@st.composite
def definitions(draw: st.DrawFn) -> MetricDefinition:
    type_ = draw(st.sampled_from(MetricType))
    values: tuple[str, ...] = ()
    if type_ is MetricType.STRING:
        stripped = storable.map(str.strip).filter(bool)
        values = tuple(draw(st.lists(stripped, max_size=4, unique_by=str.casefold)))
    name = draw(
        storable.filter(str.strip) | st.sampled_from(["yes", "1.0", "~", "<<", "a: b", "- x", "NULL", "x" * 200])
    )
    return MetricDefinition(
        "a", name, type_, values, draw(storable), draw(st.booleans()), draw(st.booleans()), NOW, NOW
    )


@given(st.lists(definitions(), max_size=4, unique_by=lambda each: each.name))
def test_what_is_exported_can_be_imported_again(metrics: list[MetricDefinition]) -> None:
    file = read(write_metric_yaml(metrics))
    assert file.problems == ()
    again = [
        replace(
            before,
            name=after.name,
            type=after.type,
            expected_values=after.expected_values,
            definition=after.definition,
            active=after.active,
            in_api=after.in_api,
        )
        for before, after in zip(metrics, file.metrics, strict=True)
    ]
    assert again == metrics
