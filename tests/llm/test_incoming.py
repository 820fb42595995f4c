"""A reply from its bytes, however they are cut."""

from __future__ import annotations

from itertools import count, pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.answers import Usage
from postcall.llm.chat_shapes import ToolCall
from postcall.llm.incoming import Incoming
from postcall.settings import ModelSettings

SETTINGS = ModelSettings(base_url="http://127.0.0.1/v1", model="small", api_key="none")

Heard = tuple[list[str], list[ToolCall], str, Usage]


def read(parts: list[bytes]) -> Heard:
    """All that a reply holds whose bytes come in these parts."""
    made = count()
    incoming = Incoming(SETTINGS, model="small", make_call_id=lambda: f"m{next(made)}")
    texts = [text for part in parts if not incoming.done for text in incoming.feed(part)]
    last, calls = incoming.end()
    return texts + last, calls, incoming.finish_reason, incoming.usage


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream in parts."""
    places = [0, *sorted(min(each, len(stream)) for each in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(places)]


def piece(**delta: object) -> bytes:
    """An event with a delta."""
    return b"data: " + msgspec.json.encode({"choices": [{"index": 0, "delta": delta}]}) + b"\n\n"


texts = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=5)
fragments = st.lists(st.tuples(st.integers(0, 2), st.text(max_size=6)), max_size=6)
ENDING = (
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
    b'data: {"choices": [], "usage": {"prompt_tokens": 7}}\n\n'
)


@given(texts, fragments, st.lists(st.integers(0, 2000), max_size=12), st.sampled_from([b"data: [DONE]\n\n", b""]))
def test_any_cut_of_the_bytes_gives_the_same_pieces(
    said: list[str], called: list[tuple[int, str]], cuts: list[int], done: bytes
) -> None:
    stream = b"".join(piece(content=text) for text in ["Hi", *said])
    for index, arguments in called:
        function = {"name": f"f{index}", "arguments": arguments}
        stream += piece(tool_calls=[{"index": index, "id": f"c{index}", "function": function}])
    stream += ENDING + done
    whole = read([stream])
    assert read(cut(stream, cuts)) == whole
    assert read([stream[at : at + 1] for at in range(len(stream))]) == whole
    assert whole[0] == ["Hi", *said]
    assert [call.arguments for call in whole[1]] == [
        "".join(part for number, part in called if number == index)
        for index in sorted({number for number, _ in called})
    ]
    assert whole[3].prompt_tokens == 7


@given(st.text(max_size=20), st.lists(st.integers(0, 400), max_size=8))
def test_a_single_body_is_read_whole_however_it_is_cut(text: str, cuts: list[int]) -> None:
    message = {"content": f"Hi{text}", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": text}}]}
    body = b" \n" + msgspec.json.encode({"choices": [{"message": message, "finish_reason": "stop"}]})
    said, calls, reason, _ = read(cut(body, cuts))
    assert (said, calls, reason) == ([f"Hi{text}"], [ToolCall("a", "f", text)], "stop")


@given(st.text(max_size=30), st.lists(st.integers(0, 60), max_size=8))
def test_thoughts_are_left_out_wherever_a_server_cuts_them(thought: str, cuts: list[int]) -> None:
    text = f"<think>{thought.replace('<', '')}</think>\n\nHello <think> there"
    places = [0, *sorted(min(each, len(text)) for each in cuts), len(text)]
    parts = [text[start:end] for start, end in pairwise(places)]
    stream = b"".join(piece(content=part) for part in parts) + ENDING
    assert "".join(read([stream])[0]) == "Hello <think> there"
