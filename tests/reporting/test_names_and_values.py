"""Names and values of every kind are kept apart, found and summed as they are."""

from __future__ import annotations

import time

import pytest
from tests.builders import a_call, a_question, an_answer, findings
from tests.reporting.counter import Counter, a_query, where

from postcall.domain.calls import MetricValue

NAMES = [
    "CASE",
    "case",
    "Case",
    "with space",
    "with.dot",
    "with'quote",
    'with"double',
    "with\\backslash",
    "with/slash",
    "$.path",
    "list[0]",
    "0",
    "-1",
    "*",
    "{}",
    "$1",
    "%s",
    ":p1",
    "field.channel",
    "metric.CASE",
    "😀",
    "日本語",
    "e\u0301",
    "\u00e9",
    "tab\there",
    "new\nline",
    "; DROP TABLE calls; --",
    "x" * 200,
    "null",
    "true",
    "duration ",
    "pk",
    "metrics",
]


def test_any_name_is_a_name_of_its_own(counter: Counter) -> None:
    for number, name in enumerate(NAMES):
        counter.write(f"call-{number}", {name: [number, number + 0.5] if number % 2 else number})
    known = counter.names()
    assert set(known) == set(NAMES)
    for number, name in enumerate(NAMES):
        of = f"metric.{name}"
        result = counter.ask(a_query("sum", of, where(of, "eq", number)))
        assert result.rows[0].numbers[0].value == (2 * number + 0.5 if number % 2 else number), name
        assert counter.ids(a_query("count", None, where(of, "exists"))) == [f"call-{number}"], name
        assert result.coverage[0].have == 1


def test_any_question_has_a_name_of_its_own(small_counter: Counter) -> None:
    desk = small_counter.desk
    names = ["summary", "Summary", "calls", "metrics", "asked", "pk"]
    desk.ask(*(a_question(name) for name in names if name != "Summary"))
    desk.hand_in(a_call())
    desk.extract(*(an_answer(name, True) for name in names if name != "Summary"))
    for name in names:
        if name != "Summary":
            assert small_counter.number("rate", f"metric.{name}", denominator="asked").n == 1


VALUES = [
    "it's",
    'say "hi"',
    "a.b",
    "two words",
    "😀",
    "x" * 200,
    "%",
    "_",
    "$p1",
    "\\",
    "new\nline",
    "true",
    "5",
    "null",
    "",
    " ",
    "é",
    "e\u0301",
    "É",
    "NaN",
    "-0",
    "1e400",
]


def test_any_text_is_found_and_grouped_as_it_is(counter: Counter) -> None:
    for number, value in enumerate(VALUES):
        counter.write(f"call-{number}", {"TEXT": value, "SEVERAL": [value, "other"]})
    assert counter.groups("metric.TEXT") == dict.fromkeys(VALUES, 1)
    for number, value in enumerate(VALUES):
        for name in ("metric.TEXT", "metric.SEVERAL"):
            assert counter.ids(a_query("count", None, where(name, "eq", value))) == [f"call-{number}"], (name, value)
            assert counter.count(where(name, "in", [value])) == 1
        assert counter.count(where("metric.TEXT", "not in", [value])) == len(VALUES) - 1


def test_contains_means_the_text_itself(small_counter: Counter) -> None:
    for number, value in enumerate(["100%", "a_b", "a\\b", "it's", "so 😀", "ABCé", "plain"]):
        small_counter.write(f"call-{number}", {"TEXT": value})
    for text in ["%", "_", "\\", "'", "😀", "É"]:
        assert small_counter.count(where("metric.TEXT", "contains", text)) == 1, text
        assert small_counter.count(where("metric.TEXT", "not contains", text)) == 6, text


def test_numbers_keep_their_size_and_sign(small_counter: Counter) -> None:
    numbers = [0, -1, 5, 5.0, 2.5, -0.001, 2**40, 1e15, 123456789.125]
    for number, value in enumerate(numbers):
        small_counter.write(f"call-{number}", {"N": value})
    groups = small_counter.groups("metric.N")
    assert groups == {0: 1, -1: 1, 5: 2, 2.5: 1, -0.001: 1, 2**40: 1, 10**15: 1, 123456789.125: 1}
    assert small_counter.number("sum", "metric.N").value == pytest.approx(sum(numbers))
    assert small_counter.number("min", "metric.N").value == -1
    assert small_counter.number("max", "metric.N").value == 1e15
    assert small_counter.count(where("metric.N", "between", [0, 5])) == 4


def test_texts_among_numbers_do_not_break_a_sum(small_counter: Counter) -> None:
    mixed: list[MetricValue] = ["abc", 5, "5", "", "nan", "inf", True, False, "1e3"]
    for number, value in enumerate(mixed):
        small_counter.write(f"call-{number}", {"MIX": value})
    total = small_counter.number("sum", "metric.MIX")
    assert (total.value, total.n) == (5 + 5 + 1 + 0 + 1000, 5)
    assert small_counter.count(where("metric.MIX", "gt", 4)) == 3
    assert small_counter.count(where("metric.MIX", "eq", 5)) == 2


def test_names_that_only_questions_have_are_known_before_any_answer(small_counter: Counter) -> None:
    small_counter.desk.ask(a_question("angry", "Was the caller angry?"))
    small_counter.desk.hand_in(a_call())
    [job] = small_counter.desk.claim()
    assert small_counter.coverage("metric.angry").not_asked == 1
    small_counter.desk.finish(job, findings(an_answer("angry", status="error")))
    assert small_counter.coverage("metric.angry").error == 1
    assert small_counter.names()["angry"].asked


def test_one_of_a_thousand_values_is_asked_for_without_delay(small_counter: Counter) -> None:
    small_counter.write("text", {"A": "x"})
    small_counter.write("number", {"A": 5})
    small_counter.write("flag", {"A": True})
    small_counter.write("twice", {"A": ["y", 7]})
    began = time.monotonic()
    thousand = [*range(5, 505), *(f"no {number}" for number in range(498)), "y", True]
    assert small_counter.ids(a_query("conversations", None, where("metric.A", "in", thousand))) == [
        "twice", "flag", "number",
    ]  # fmt: skip
    assert small_counter.ids(a_query("conversations", None, where("metric.A", "not in", thousand))) == ["text"]
    assert time.monotonic() - began < 3
