"""`conv.state`: what is missing, what survives, what is shown."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

import copy
import pickle
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.runtime.conv.stage import Stage, state_after

from postcall.runtime.conv.kept import keep, restore, show, show_as_texts
from postcall.runtime.conv.state import State


@dataclass
class Slot:
    """A project's own class."""

    room: str
    at: datetime


class Guest(BaseModel):
    """A project's own model."""

    name: str


class Unreadable:
    """Pickles, and cannot be read again."""

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        return _refuse, ()

    def __str__(self) -> str:
        return "a text of mine"


def _refuse() -> None:
    raise RuntimeError("not here")


VALUES = st.recursive(st.none() | st.floats(allow_nan=False) | st.text(), st.lists, max_leaves=5)


class Untold:
    def __str__(self) -> str:
        raise SystemExit(3)


def test_an_attribute_that_is_not_set_is_none_and_an_item_that_is_not_set_raises() -> None:
    state = State()
    assert state.booking is None
    assert getattr(state, "booking", "never used") is None
    with pytest.raises(KeyError):
        state["booking"]
    assert state.get("booking", 3) == 3
    assert "booking" not in state


def test_items_and_attributes_are_the_same_thing() -> None:
    state = State()
    state.room = "blue"
    assert (state["room"], "room" in state, list(state)) == ("blue", True, ["room"])
    del state.room
    assert state.room is None
    with pytest.raises(AttributeError):
        del state.room


def test_pythons_own_names_are_not_answered_with_none() -> None:
    with pytest.raises(AttributeError):
        State().__deep_thought__  # noqa: B018
    assert not hasattr(State(), "__array__")


def test_a_state_can_be_copied_and_pickled() -> None:
    state = State(rooms=["blue"])
    deep, again = copy.deepcopy(state), pickle.loads(pickle.dumps(state))
    state.rooms.append("red")
    assert type(deep) is type(again) is type(copy.copy(state)) is State
    assert deep == again == {"rooms": ["blue"]}
    assert copy.copy(state).rooms is state.rooms
    state.me = state
    assert copy.deepcopy(state).me.me.rooms == ["blue", "red"]


def test_a_new_conversation_has_the_built_in_keys() -> None:
    done = Stage().run(lambda conv: None, caller_number="+1555", callee_number="+1777", shared_id="s-1")
    assert done.projection == {
        "from_": "+1555",
        "to": "+1777",
        "call_sid": "CALL-1",
        "shared_id": "s-1",
        "asr_lang_code": "en-US",
        "tts_lang_code": "en-US",
    }
    assert done.added == {}


def test_objects_of_a_projects_own_classes_survive_to_the_next_function() -> None:
    stage = Stage()

    def first(conv: Any) -> None:
        conv.state.zone = ZoneInfo("US/Central")
        conv.state.slot = Slot("blue", datetime(2026, 3, 1, tzinfo=UTC))
        conv.state.guests = [Guest(name="Ada")]

    def second(conv: Any) -> str:
        return f"{conv.state.slot.room} {conv.state.guests[0].name} {conv.state.zone} {conv.state.slot.at.year}"

    assert stage.run(second, state=stage.run(first).state).returned.text == "blue Ada US/Central 2026"


def test_a_list_that_is_changed_in_place_is_saved_and_told_as_an_update() -> None:
    def change(conv: Any) -> None:
        conv.state.rooms.append("red")
        conv.state.guest = "Ada"
        del conv.state.old

    done = Stage().run(change, state={"rooms": ["blue"], "old": 1, "same": 2})
    assert done.updated == {"rooms": {"before": ["blue"], "after": ["blue", "red"]}}
    assert (done.added, done.removed) == ({"guest": "Ada"}, ("old",))


def test_what_was_set_before_a_failure_is_kept() -> None:
    def fails(conv: Any) -> None:
        conv.state.tried = True
        raise ValueError("no")

    done = Stage().run(fails)
    assert done.failed is not None
    assert state_after(done).tried is True


def test_only_the_value_that_cannot_be_kept_becomes_a_text_and_its_key_is_named() -> None:
    stage = Stage()

    def lock(conv: Any) -> None:
        conv.state.name = "Ada"
        conv.state.lock = threading.Lock()
        conv.state.odd = Unreadable()

    state = state_after(stage.run(lock))
    assert state.name == "Ada"
    assert state.lock.startswith("<unlocked _thread.lock")
    assert state.odd == "a text of mine"
    assert [line.content.split()[0] for line in stage.lines] == ["conv.state.lock", "conv.state.odd"]


def test_a_state_that_cannot_be_read_costs_the_function_and_not_the_state() -> None:
    ran: list[str] = []
    unreadable = pickle.dumps({"odd": Unreadable()})
    done = Stage().run(lambda conv: ran.append("ran"), state=unreadable)
    assert done.failed is not None
    assert "state cannot be read" in done.failed.message
    assert (done.state, ran) == (unreadable, [])


def test_what_json_cannot_say_is_shown_as_its_text() -> None:
    circle: list[Any] = []
    circle.append(circle)
    shown = show(
        {
            "when": datetime(2026, 3, 1),
            "set": {1},
            "nan": float("nan"),
            "huge": 1 << 70,
            "bytes": b"x",
            "deep": {"a": {1: (None, Guest(name="Ada"))}},
            "broken": "\ud800",
            3: "three",  # type: ignore[dict-item]  # projects may do that
        }
    )
    assert shown == {
        "when": "2026-03-01 00:00:00",
        "set": [1],
        "nan": "nan",
        "huge": "1180591620717411303424",
        "bytes": "b'x'",
        "deep": {"a": {"1": [None, "name='Ada'"]}},
        "broken": "?",
        "3": "three",
    }
    assert isinstance(show({"circle": circle})["circle"], list)
    assert show({"untold": Untold()}) == {"untold": "<Untold without a text: SystemExit>"}


def test_values_have_the_text_that_prompts_show() -> None:
    state = {"n": 3, "no": None, "yes": True, "names": ["Ada"], "untold": Untold()}
    texts = show_as_texts(state)
    assert (texts["n"], texts["yes"], texts["names"]) == ("3", "True", "['Ada']")
    assert "no" not in texts


@settings(max_examples=40)
@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_what_is_kept_is_what_comes_back(state: dict[str, Any]) -> None:
    kept = keep(State(state))
    assert restore(kept.pickled) == state
    assert kept.turned_to_text == ()
