"""Whatever happens in whatever order, the conversation stays one that can go on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.session.scene import Call, Heard, ListModel, Scene, flow, project, start_spec

from postcall.errors import ModelUnavailable
from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.functions.running import FunctionCall, Listener
from postcall.runtime.projects.model import PhraseFilter, Project
from postcall.runtime.protocol import AskedHandoff, Effects, Failed, FunctionDone, Moved, Returned, Written
from postcall.runtime.session import SessionLimits
from postcall.runtime.session.outputs import Ended, Listening, Said, Saying
from postcall.runtime.session.snapshot import Snapshot

BOOK = flow("Book", {"Day": "{{ft:save}}", "Name": "Ask."}, functions=["save"], function_steps=["check"])
PROJECT: Project = project(
    "act",
    "other",
    start_spec(),
    flows=[BOOK],
    rules="{{fn:act}} {{fn:other}} $x",
    phrase_filters=(
        PhraseFilter("bye", ("bye",), True, None, "act"),
        PhraseFilter("no", ("no",), False, None, "other"),
    ),
)
texts = st.sampled_from(["", " ", "yes", "Call {{fn:other}}.", "no", "{{ft:save}} $x"])
moves = st.builds(
    Moved,
    goto_flow=st.sampled_from([None, None, "Book", "Nowhere"]),
    goto_step=st.sampled_from([None, None, "Name", "check", "Nowhere"]),
    exit_flow=st.booleans(),
)
handoffs = st.none() | st.none() | st.builds(AskedHandoff, utterance=st.none() | texts, contained=st.booleans())
results = st.builds(
    FunctionDone,
    id=st.just(1),
    state=st.binary(max_size=3),
    projection=st.dictionaries(st.sampled_from("xy"), st.integers(), max_size=2),
    texts=st.dictionaries(st.sampled_from("xy"), texts, max_size=2),
    returned=st.builds(
        Returned,
        text=st.none() | texts,
        utterance=st.none() | texts,
        end_turn=st.booleans(),
        hangup=st.sampled_from([False] * 9 + [True]),
    ),
    effects=st.builds(Effects, moved=moves, say=st.none() | st.none() | texts, handoff=handoffs),
    failed=st.none() | st.none() | st.builds(Failed, st.sampled_from(["raised", "timeout", "died"]), st.just("wrong")),
)
tool_calls = st.builds(Call, st.sampled_from(["act", "other", "save", "missing"]), st.sampled_from(["{}", "[", ""]))
pieces = st.one_of(texts, tool_calls, st.just("bye"), st.just(ModelUnavailable("down", retry=True)))
replies = st.lists(pieces, max_size=4)
acts = st.lists(
    st.one_of(
        st.just(("start", "")),
        st.tuples(st.just("hear"), st.sampled_from(["Hello", "", "  "])),
        st.tuples(st.just("hear"), st.just("again")),
        st.just(("silence", "")),
        st.tuples(st.just("interrupt"), st.sampled_from(["", "yes", "something else"])),
        st.tuples(st.just("interrupted"), st.sampled_from(["", "yes"])),
        st.just(("resume", "")),
    ),
    max_size=8,
)


class Endless(ListModel):
    """Goes through its replies again and again."""

    async def converse(self, messages: Any, **more: Any) -> Any:
        check_messages(messages)
        self.replies = self.replies or list(self.again)
        async for piece in super().converse(messages, **more):
            yield piece

    again: Any = ()


class Returning:
    """Functions that return what a list says, again and again."""

    def __init__(self, results: list[FunctionDone]) -> None:
        self._results, self._ran = results, 0

    async def run(self, call: FunctionCall, listener: Listener) -> FunctionDone:  # noqa: ARG002
        self._ran += 1
        listener.wrote([Written("RAN", self._ran, 1.0)])
        return self._results[self._ran % len(self._results)]


def check_messages(messages: Any) -> None:
    """What every chat endpoint insists on."""
    waiting: list[str] = []
    for message in messages:
        assert isinstance(message, ChatMessage)
        if message.role == "tool":
            assert message.tool_call_id in waiting
            waiting.remove(message.tool_call_id)
        else:
            assert not waiting, "a call was not answered before the next message"
            assert message.content.strip() or message.tool_calls, "an empty message"
        waiting += [call.id for call in message.tool_calls]
    assert not waiting


def check_snapshot(snapshot: Snapshot) -> None:
    check_messages(snapshot.messages)
    roles = [each.role for each in snapshot.history]
    assert all(pair != ("agent", "agent") or at == 0 for at, pair in enumerate(pairwise(roles)))
    assert all(each.text.strip() for each in snapshot.history if each.role == "agent")
    assert (snapshot.flow is None) == (snapshot.step is None)
    assert snapshot.ended == (snapshot.reason is not None)
    assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot) == snapshot


def check_outputs(heard: Heard) -> None:
    assert isinstance(heard[-1], Listening | Ended)
    assert not any(isinstance(each, Listening | Ended) for each in heard[:-1])
    spoken = ""
    for output in heard:
        if isinstance(output, Saying):
            spoken += output.text
        elif isinstance(output, Said):
            assert output.text == spoken
            spoken = ""
    assert spoken == ""


def perform(scene: Scene, act: tuple[str, str]) -> None:
    kind, text = act
    if kind == "resume":
        scene.resume()
    elif kind == "interrupt":
        scene.session.interrupt(text)
    elif not scene.now.ended:
        watch = (lambda _: scene.session.interrupt(text)) if kind == "interrupted" else None
        begin = {
            "start": scene.session.start,
            "silence": scene.session.silence,
        }.get(kind, lambda: scene.session.hear(text))
        check_outputs(scene.play(begin, watch=watch))
    check_snapshot(scene.now)


def scene_of(said: list[Any], done: list[FunctionDone]) -> Scene:
    limits = SessionLimits(rounds=4, function_steps=3)
    scene = Scene(PROJECT, functions=Returning(done), limits=limits)
    model = Endless(said)
    model.again = list(said)
    scene.model = model
    scene.resume()
    return scene


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts, st.lists(replies, min_size=1, max_size=5), st.lists(results, min_size=1, max_size=5))
def test_any_sequence_of_events_leaves_a_conversation_that_can_go_on(
    what: list[tuple[str, str]], said: list[Any], done: list[FunctionDone]
) -> None:
    scene = scene_of(said, done)
    for act in what:
        perform(scene, act)
    scene.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts, st.lists(replies, min_size=1, max_size=5), st.lists(results, min_size=1, max_size=5))
def test_a_conversation_that_is_stored_and_read_after_each_turn_goes_the_same_way(
    what: list[tuple[str, str]], said: list[Any], done: list[FunctionDone]
) -> None:
    ends: list[Mapping[str, Any]] = []
    for stored in (False, True):
        scene = scene_of(said, done)
        for act in what:
            perform(scene, act)
            if stored:
                scene.resume()
        ends.append(msgspec.to_builtins(scene.now))
        scene.close()
    assert ends[0] == ends[1]
