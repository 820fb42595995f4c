"""Running one function: whatever it does comes back as an answer."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import pytest
from tests.runtime.conv.stage import Stage

from postcall.runtime.conv.traces import within
from postcall.runtime.protocol import FunctionDone, Moved


def recurse(conv: Any) -> Any:
    return recurse(conv)


def exhaust(conv: Any) -> None:
    raise MemoryError


def leave(conv: Any) -> None:
    sys.exit(3)


def interrupt(conv: Any) -> None:
    raise KeyboardInterrupt


def stop(conv: Any) -> None:
    raise GeneratorExit


class Untold(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


def raise_untold(conv: Any) -> None:
    raise Untold


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda conv: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda conv: conv.state["nothing"], "KeyError: 'nothing'"),
        (recurse, "RecursionError"),
        (exhaust, "MemoryError"),
        (leave, "SystemExit: 3"),
        (interrupt, "KeyboardInterrupt"),
        (stop, "GeneratorExit"),
        (raise_untold, "Untold"),
    ],
)
def test_whatever_a_function_raises_is_told(function: Any, message: str) -> None:
    failed = Stage().run(function).failed
    assert failed is not None
    assert failed.kind == "raised"
    assert failed.message.startswith(message)
    assert "\n" not in failed.message
    assert len(failed.trace) < 20_000


def test_a_function_that_does_not_exist_is_unavailable() -> None:
    stage = Stage()
    stage.find = lambda kind, name, flow: Stage().find(kind, "gone", flow)  # type: ignore[method-assign]
    failed = stage.run(lambda conv: None).failed
    assert failed is not None
    assert (failed.kind, failed.message) == ("unavailable", "there is no global function gone")


def test_a_trace_has_paths_within_the_project_and_causes() -> None:
    source = """
def book(conv):
    try:
        conv.state['x']
    except KeyError as e:
        raise ValueError('no') from e
"""
    names: dict[str, Any] = {}
    exec(compile(source, "functions/book.py", "exec"), names)
    failed = Stage().run(names["book"]).failed
    assert failed is not None
    assert 'File "functions/book.py", line 6, in book' in failed.trace
    assert failed.trace.splitlines()[-1] == "KeyError: 'x'"
    assert "Caused by:" in failed.trace
    assert "postcall" not in failed.trace


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("functions/book.py", "functions/book.py"),
        ("/data/x/flows/booking/functions/pay.py", "flows/booking/functions/pay.py"),
        ("/venv/lib/python3.11/site-packages/requests/api.py", "requests/api.py"),
        ("/usr/lib/python3.11/json/decoder.py", "json/decoder.py"),
        ("/somewhere/else.py", "else.py"),
        ("<string>", "<string>"),
    ],
)
def test_a_path_is_shown_without_where_this_machine_keeps_it(path: str, shown: str) -> None:
    assert within(path) == shown


def test_what_was_asked_for_before_a_failure_is_still_told() -> None:
    def fails(conv: Any) -> None:
        conv.goto_flow("Booking")
        conv.write_metric("BOOKED", True)
        raise ValueError("no")

    stage = Stage()
    done = stage.run(fails)
    assert (done.effects.moved, len(stage.writes)) == (Moved(goto_flow="Booking"), 1)


def test_arguments_arrive_by_name_and_wrong_ones_are_a_failure() -> None:
    def books(conv: Any, room: str, guests: int) -> str:
        return f"{room} {guests}"

    assert Stage().run(books, arguments={"guests": 2, "room": "blue"}).returned.text == "blue 2"
    failed = Stage().run(books, arguments={"room": "blue", "colour": "red"}).failed
    assert failed is not None
    assert failed.message.startswith("TypeError")


def test_functions_call_each_other_without_conv() -> None:
    def inner(conv: Any, room: str, *, guests: int = 1) -> dict[str, Any]:
        conv.state.room = room
        conv.goto_flow("Booking")
        return {"utterance": f"{room} {guests}"}

    def outer(conv: Any) -> str:
        by_name = conv.functions.inner("blue", guests=2)
        by_item = conv.functions["inner"](room="red")
        with_conv = conv.functions.inner(conv, "green")
        return f"{by_name['utterance']}, {by_item['utterance']}, {with_conv['utterance']}"

    done = Stage(functions={("global", "inner", None): inner}).run(outer)
    assert done.returned.text == "blue 2, red 1, green 1"
    assert (done.returned.utterance, done.effects.moved) == (None, Moved(goto_flow="Booking"))
    assert done.added["room"] == "green"


def test_flow_functions_call_each_other_without_conv_and_flow() -> None:
    def inner(conv: Any, flow: Any, room: str) -> str:
        flow.goto_step("Pay")
        return f"{room} {flow.current_step} {conv.id}"

    def outer(conv: Any, flow: Any) -> str:
        return f"{flow.functions.inner(room='blue')}, {flow.functions.inner(conv, flow, 'red')}"

    stage = Stage(functions={("transition", "inner", "Booking"): inner})
    done = stage.run(outer, kind="transition", flow="Booking", current_flow="Booking", current_step="Ask")
    assert done.returned.text == "blue Ask CALL-1, red Ask CALL-1"
    assert done.effects.moved == Moved(goto_step="Pay")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda conv: conv.functions.nothing(), "AttributeError: there is no global function nothing"),
        (lambda conv: conv.functions["nothing"], "KeyError"),
        (lambda conv: conv.functions.inner(colour="red"), "TypeError"),
    ],
)
def test_a_wrong_call_of_another_function_is_an_ordinary_error(call: Any, error: str) -> None:
    failed = Stage(functions={("global", "inner", None): lambda conv, room: room}).run(call).failed
    assert failed is not None
    assert failed.message.startswith(error)


def test_threads_that_are_left_behind_are_counted() -> None:
    release = threading.Event()

    def leaves(conv: Any) -> None:
        threading.Thread(target=release.wait, daemon=True).start()

    try:
        assert Stage().run(leaves).threads_left == 1
    finally:
        release.set()


def test_conv_is_used_from_many_threads_without_loss() -> None:
    def works(conv: Any) -> None:
        def work(number: int) -> None:
            for each in range(50):
                conv.log.info(f"{number}.{each}")
                conv.write_metric("STEP", number)
                conv.send_sms(f"+{number}", "+1", str(each))
                conv.state[f"k{number}.{each}"] = each

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    stage = Stage()
    done = stage.run(works)
    assert (len(stage.lines), len(stage.writes), len(done.effects.messages), len(done.added)) == (400,) * 4


def test_an_answer_says_how_long_the_function_took() -> None:
    done: FunctionDone = Stage().run(lambda conv: time.sleep(0.05))
    assert 0.05 <= done.seconds < 5


def test_one_functions_state_does_not_leak_into_another_conversation() -> None:
    stage = Stage()
    stage.run(lambda conv: conv.state.update(secret="x"))
    assert stage.run(lambda conv: str(conv.state.secret)).returned.text == "None"
