"""Calls of functions, from the fragments of many kinds of servers."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.errors import ModelReplyUnusable
from postcall.llm.chat_shapes import ToolCall
from postcall.llm.tool_calls import ToolCalls


def put_together(*deltas: object) -> list[ToolCall]:
    """The calls that come of these deltas, each the content of `tool_calls`; ids that were missing are m0, m1 …"""
    made = count()
    calls = ToolCalls(lambda: f"m{next(made)}")
    for delta in deltas:
        calls.add(msgspec.Raw(msgspec.json.encode(delta)))
    return calls.whole()


def fragment(
    arguments: object = None, *, index: int | None = None, call_id: str | None = None, name: str | None = None
) -> dict[str, object]:
    """One fragment, without what is None."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    outer = {"index": index, "id": call_id, "type": "function", "function": function}
    return {key: value for key, value in outer.items() if value is not None}


ONE = [ToolCall("a", "book", '{"day":"Friday"}')]
TWO = [ToolCall("a", "book", '{"day":"Friday"}'), ToolCall("b", "book", '{"day":"Monday"}')]


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                [fragment("", index=0, call_id="a", name="book")],
                [fragment('{"day"', index=0)],
                [fragment(':"Friday"}', index=0)],
            ],
            id="OpenAI",
        ),
        pytest.param([[fragment('{"day":"Friday"}', index=0, call_id="a", name="book")]], id="the whole call at once"),
        pytest.param([[fragment({"day": "Friday"}, index=0, call_id="a", name="book")]], id="arguments as an object"),
        pytest.param(
            [
                [fragment('{"day"', index=0, call_id="a", name="book")],
                [fragment(':"Friday"}', index=0, call_id="a", name="book")],
            ],
            id="id and name each time",
        ),
        pytest.param(
            [[fragment('{"day"', index=0, call_id="a", name="book")], [fragment(':"Friday"}', index=0, name="book")]],
            id="the name each time",
        ),
        pytest.param(
            [[fragment('{"day"', index=0, call_id="a", name="book")], [fragment(':"Friday"}', index=0, call_id="z")]],
            id="a new id for each fragment",
        ),
        pytest.param(
            [[fragment("", call_id="a", name="book")], [fragment('{"day"')], [fragment(':"Friday"}')]], id="no index"
        ),
        pytest.param(
            [
                [fragment(index=0, call_id="a")],
                [fragment(index=0, name="book")],
                [fragment('{"day":"Friday"}', index=0)],
            ],
            id="one thing after the other",
        ),
        pytest.param(
            [[fragment("", index=3, call_id="a", name="book")], [fragment('{"day":"Friday"}', index=3)], None, []],
            id="an index that does not begin at 0, and empty lists",
        ),
    ],
)
def test_one_call_is_one_call_however_a_server_cuts_it(deltas: list[object]) -> None:
    assert put_together(*deltas) == ONE


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                [fragment("", index=1, call_id="b", name="book")],
                [fragment("", index=0, call_id="a", name="book")],
                [fragment('{"day":', index=1), fragment('{"day":', index=0)],
                [fragment('"Friday"}', index=0)],
                [fragment('"Monday"}', index=1)],
            ],
            id="out of order and interleaved",
        ),
        pytest.param(
            [
                [fragment('{"day":"Friday"}', index=0, call_id="a", name="book")],
                [fragment('{"day":"Monday"}', index=0, call_id="b", name="book")],
            ],
            id="always index 0",
        ),
        pytest.param(
            [
                [
                    fragment('{"day":"Friday"}', call_id="a", name="book"),
                    fragment('{"day":"Monday"}', call_id="b", name="book"),
                ]
            ],
            id="a whole message without indexes",
        ),
        pytest.param(
            [
                [fragment("", call_id="a", name="book")],
                [fragment('{"day":"Friday"}', call_id="a")],
                [fragment("", call_id="b", name="book"), fragment('{"day":"Monday"}', call_id="b")],
            ],
            id="told apart by id alone",
        ),
    ],
)
def test_two_calls_of_one_function_stay_two(deltas: list[object]) -> None:
    assert put_together(*deltas) == TWO


def test_calls_without_arguments_or_ids_are_told_apart() -> None:
    assert put_together([fragment(name="hang_up"), fragment("", name="hang_up")]) == [
        ToolCall("m0", "hang_up", ""),
        ToolCall("m1", "hang_up", ""),
    ]
    assert put_together([fragment("{}", index=0, name="a")], [fragment("{}", index=0, name="b")]) == [
        ToolCall("m0", "a", "{}"),
        ToolCall("m1", "b", "{}"),
    ]
    assert put_together([fragment('{"n":1}', name="a")], [fragment('{"n":2}', name="a")]) == [
        ToolCall("m0", "a", '{"n":1}'),
        ToolCall("m1", "a", '{"n":2}'),
    ]


def test_two_calls_never_share_an_id() -> None:
    first, second = put_together(
        [fragment("{}", index=0, call_id="a", name="x")], [fragment("{}", index=1, call_id="a", name="y")]
    )
    assert (first.id, second.id) == ("a", "m0")


def test_a_call_without_a_name_is_no_call() -> None:
    with pytest.raises(ModelReplyUnusable):
        put_together([fragment("{}", index=0, call_id="a")])


@pytest.mark.parametrize("garbage", ["text", 5, [5], [{"function": 5}], [{"function": {"arguments": [1]}}]])
def test_garbage_in_place_of_calls_is_worth_another_try(garbage: object) -> None:
    with pytest.raises(ModelReplyUnusable) as caught:
        put_together(garbage)
    assert caught.value.retry


names = st.sampled_from(["book", "cancel", "hang_up"])
arguments = st.dictionaries(st.text(max_size=5), st.text(max_size=8) | st.integers(), max_size=3)


@given(st.lists(st.tuples(names, arguments), min_size=1, max_size=4), st.data())
def test_any_fragments_in_any_order_of_indexes_give_the_calls(
    wanted: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    encoded = [msgspec.json.encode(content).decode() for _, content in wanted]
    queues = []
    for index, ((name, _), text) in enumerate(zip(wanted, encoded, strict=True)):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        repeats = data.draw(st.booleans())
        queues.append(
            [fragment(parts[0], index=index, call_id=f"c{index}", name=name)]
            + [
                fragment(part, index=index, **({"call_id": f"c{index}", "name": name} if repeats else {}))
                for part in parts[1:]
            ]
        )
    deltas = []
    while any(queues):
        queue = data.draw(st.sampled_from([each for each in queues if each]))
        deltas.append([queue.pop(0)])
    assert put_together(*deltas) == [
        ToolCall(f"c{index}", name, text) for index, ((name, _), text) in enumerate(zip(wanted, encoded, strict=True))
    ]
