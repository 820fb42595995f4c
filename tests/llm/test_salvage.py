"""Making an object of what a model said, whatever it wrapped it in and wherever it stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postcall.domain.calls import Json
from postcall.errors import ModelReplyUnusable
from postcall.llm import read_object

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=12
)
objects = st.dictionaries(texts, values, max_size=4)


@dataclass(frozen=True)
class Written:
    """A value and the text that it was written as."""

    value: Json
    start: int
    end: int
    members: tuple[tuple[str | None, Written], ...] = ()


def write(value: Json, text: list[str], *, ascii_only: bool) -> Written:
    """Write a value as JSON, and note where each part of it begins and ends."""
    start = _length(text)
    members: list[tuple[str | None, Written]] = []
    if isinstance(value, dict):
        text.append("{")
        for index, (key, item) in enumerate(value.items()):
            text.append((", " if index else "") + json.dumps(key, ensure_ascii=ascii_only) + ": ")
            members.append((key, write(item, text, ascii_only=ascii_only)))
        text.append("}")
    elif isinstance(value, list):
        text.append("[")
        for index, item in enumerate(value):
            text.append(", " if index else "")
            members.append((None, write(item, text, ascii_only=ascii_only)))
        text.append("]")
    else:
        text.append(json.dumps(value, ensure_ascii=ascii_only))
    return Written(value, start, _length(text), tuple(members))


def _length(text: list[str]) -> int:
    return sum(len(part) for part in text)


def is_complete(written: Written, cut: int) -> bool:
    """Whether all of a value stands before the cut; of a number only what follows it can tell."""
    is_number = isinstance(written.value, int | float) and not isinstance(written.value, bool)
    return cut > written.end if is_number else cut >= written.end


def complete_part(written: Written, cut: int) -> Json:
    """What of a container stands before the cut: members, and members of members; whole elements of arrays."""
    if isinstance(written.value, list):
        return [member.value for _, member in written.members if is_complete(member, cut)]
    kept: dict[str, Json] = {}
    for key, member in written.members:
        assert key is not None
        if is_complete(member, cut):
            kept[key] = member.value
        elif isinstance(member.value, dict | list) and cut > member.start:
            part = complete_part(member, cut)
            if part:
                kept[key] = part
    return kept


@given(objects, st.booleans(), st.data())
@example({"answers": {"q1": {"value": 5, "evidence": [{"turn": 1}, {"turn": 2}]}, "q2": {}}}, True, None)
def test_wherever_the_text_is_cut_the_complete_members_are_kept_and_nothing_else(
    content: dict[str, Json], ascii_only: bool, data: st.DataObject | None
) -> None:
    parts: list[str] = []
    written = write(content, parts, ascii_only=ascii_only)
    text = "".join(parts)
    cuts = range(1, len(text) + 1) if data is None else [data.draw(st.integers(1, len(text)))]
    for cut in cuts:
        found = read_object(text[:cut])
        assert _same(found.content, complete_part(written, cut)), text[:cut]
        assert found.complete == (cut == len(text))


def _same(one: Json, other: Json) -> bool:
    """Equal with the types: 1, 1.0 and true are three things."""
    return repr(one) == repr(other)


@given(objects, st.sampled_from(["{}", "```json\n{}\n```", "```\n{}```\nDone.", "Here you are: {}", "\ufeff {} \n"]))
def test_what_stands_around_the_object_does_not_matter(content: dict[str, Json], wrapping: str) -> None:
    found = read_object(wrapping.replace("{}", json.dumps(content)))
    assert found.complete
    assert _same(found.content, content)


@given(objects)
def test_every_layout_says_the_same(content: dict[str, Json]) -> None:
    for text in (json.dumps(content, indent=2), json.dumps(content, separators=(",", ":"))):
        # A word after it sends the text past the quick way, through our own reader.
        assert _same(read_object(text + "\nDone.").content, content)


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    try:
        read_object(text)
    except ModelReplyUnusable as error:
        assert error.retry


@given(st.text(alphabet='{}[]",:\\ntrue1.e-NaN `<think>/', max_size=60))
def test_nothing_that_looks_like_json_breaks_it(text: str) -> None:
    try:
        found = read_object("{" + text)
    except ModelReplyUnusable:
        return
    json.dumps(found.content, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('{"a": 1, "b": [1, 2,], }', {"a": 1, "b": [1, 2]}),
        ('{"a": NaN, "b": -Infinity, "c": 1e999, "d": [1, NaN, 2], "e": 2}', {"d": [1, 2], "e": 2}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": 1, "a": NaN}', {}),
        ('{"a": "two\nlines", "b": 1}', {"a": "two\nlines", "b": 1}),
        (r'{"a": "the caller\'s dog", "b": "\u00e9\ud83d\ude00"}', {"a": "the caller's dog", "b": "é😀"}),
        (r'{"a": "\ud800 alone"}', {"a": "\ufffd alone"}),
        ('[{"a": 1}]', {"a": 1}),
        ('{"a": undefined, "b": 007, "c": 1}', {"c": 1}),
        ('{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        ('{"a": ' + "9" * 5000 + ', "b": 1}', {"b": 1}),
    ],
)
def test_the_slips_that_models_make_are_forgiven(text: str, content: dict[str, Json]) -> None:
    found = read_object(text)
    assert found.complete
    assert _same(found.content, content)


def test_a_draft_in_the_thoughts_is_not_the_answer() -> None:
    draft = '<think>Perhaps {"booked": true, "why": "she said so, at length"}? No.</think>\n{"booked": false}'
    assert read_object(draft).content == {"booked": False}
    assert read_object(draft.removeprefix("<think>")).content == {"booked": False}


def test_thoughts_that_never_end_hold_no_answer() -> None:
    with pytest.raises(ModelReplyUnusable):
        read_object('<think>Perhaps {"booked": true}')


def test_words_about_thinking_inside_the_object_are_words() -> None:
    assert read_object('{"a": "</think> {\\"b\\": 1}"} and').content == {"a": '</think> {"b": 1}'}


def test_of_several_objects_the_longest_is_the_answer() -> None:
    text = 'For instance {"a": 1}. {"summary": "She booked.", "answers": {"a": 2}} Not {"a": 3}.'
    assert read_object(text).content == {"summary": "She booked.", "answers": {"a": 2}}


def test_braces_in_prose_are_passed_over() -> None:
    assert read_object('The set {x, y} and {z} gave: {"a": 1}').content == {"a": 1}


def test_the_cut_is_named_so_that_a_half_answer_is_not_taken_for_a_whole_one() -> None:
    text = '{"answers": {"q1": {"value": true}, "q2": {"value": 5, "evidence": [{"turn": 1, "quote": "fi'
    found = read_object(text)
    assert found.content == {"answers": {"q1": {"value": True}, "q2": {"value": 5}}}
    assert not found.complete
    assert found.cut_at == ("answers", "q2", "evidence")


def test_a_cut_inside_an_element_is_a_cut_of_its_array() -> None:
    found = read_object('{"q1": {"evidence": [{"turn": 1}, {"turn": 2, "more": {"sure": true, "quo')
    assert found.content == {"q1": {"evidence": [{"turn": 1}]}}
    assert found.cut_at == ("q1", "evidence")


def test_half_a_number_is_no_number() -> None:
    assert read_object('{"a": 1, "b": 12').content == {"a": 1}
    assert read_object('{"a": 1, "b": -').content == {"a": 1}
    assert read_object('{"a": 1, "b": tru').content == {"a": 1}


def test_a_stray_quote_costs_what_follows_and_nothing_before() -> None:
    found = read_object('{"a": 1, "b": "He said "yes" to it", "c": 2}')
    assert found.content == {"a": 1}
    assert not found.complete


@pytest.mark.parametrize("text", ["", "  ", "I cannot help.", "[1, 2]", "42", "null", "{'a': 1}", "{a: 1}"])
def test_where_there_is_no_object_the_reply_is_unusable(text: str) -> None:
    with pytest.raises(ModelReplyUnusable) as caught:
        read_object(text)
    assert caught.value.retry


@pytest.mark.parametrize("text", ['{"a": ' * 5000, '{"a": ' + "[" * 100_000])
def test_absurd_nesting_is_cut_and_not_followed(text: str) -> None:
    assert len(json.dumps(read_object(text).content)) < 1000


def hostile_texts() -> Iterator[str]:
    """Texts that make a careless reader quadratic."""
    yield '{"' * 100_000
    yield '{"a":"' + "\\" * 200_001
    yield ('{"a": 1} ' * 20_000) + "{"
    yield "{ " * 200_000
    yield "<think>" * 50_000
    yield '{"a": [' + "1," * 300_000


@pytest.mark.parametrize("text", list(hostile_texts()), ids=lambda text: text[:8])
def test_a_hostile_text_is_read_in_passing(text: str) -> None:
    started = time.process_time()
    with suppress(ModelReplyUnusable):
        read_object(text)
    # Generous: some hundred milliseconds are usual, and minutes if the work were the square of the length.
    assert time.process_time() - started < 10
