"""`conv.log`, `plog` and `print`: everything lands in the function's log, and nothing that is logged fails it."""

# ruff: noqa: ARG005, T201 - functions take conv, and print

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
from tests.runtime.conv.stage import Stage

from postcall.runtime.conv.logs import MOST_LINES, plog
from postcall.runtime.conv.modules import supplied_modules


class Untold:
    def __str__(self) -> str:
        raise RuntimeError("no")


class UntoldError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


class UntoldDict(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no")


def lines_of(function: Any) -> list[tuple[str, str]]:
    stage = Stage()
    done = stage.run(function)
    assert done.failed is None, done.failed
    return [(line.level, line.content) for line in stage.lines]


def test_each_level_with_its_extras() -> None:
    def logs(conv: Any) -> None:
        conv.log.info("looked", room="blue")
        conv.log.warning("secret", is_pii=True)
        conv.log.error("broken", True, code=5)

    stage = Stage()
    stage.run(logs)
    assert [(line.level, line.content, line.is_pii, line.extras) for line in stage.lines] == [
        ("info", "looked", False, {"room": "blue"}),
        ("warning", "secret", True, {}),
        ("error", "broken", True, {"code": 5}),
    ]
    assert all(line.at > 1_700_000_000 for line in stage.lines)


@pytest.mark.parametrize("content", ["text", 5, None, Untold(), "\ud800", b"x"])
@pytest.mark.parametrize("extra", [Untold(), UntoldError(), UntoldDict(a=1), threading.Lock(), {1: {2}}, 1 << 80])
def test_logging_never_fails(content: Any, extra: Any) -> None:
    assert len(lines_of(lambda conv: conv.log.info(content, is_pii=Untold(), extra=extra))) == 1


def test_exceptions_are_told_in_one_line() -> None:
    def logs(conv: Any) -> None:
        try:
            raise ValueError("no room")
        except ValueError as error:
            conv.log.error("failed", error=error, exc_info=True)
        conv.log.info("state", state=conv.state)

    stage = Stage()
    stage.run(logs)
    assert stage.lines[0].extras == {"error": "ValueError: no room", "exc_info": "ValueError: no room"}
    assert stage.lines[1].extras["state"]["call_sid"] == "CALL-1"


def test_plog_needs_no_conv_also_in_threads() -> None:
    def logs(conv: Any) -> None:
        plog.info("here", room="blue")
        thread = threading.Thread(target=lambda: plog.warning("there", is_pii=True))
        thread.start()
        thread.join()

    assert lines_of(logs) == [("info", "here"), ("warning", "there")]


def test_tmp_bind_adds_its_extras_while_the_function_runs_and_no_longer() -> None:
    module = supplied_modules()["plog"]

    @module.tmp_bind(api="crm")  # type: ignore[untyped-decorator]
    def inner(conv: Any, room: str) -> str:
        """Looks."""
        module.info("inside", room=room)
        return room

    def outer(conv: Any) -> str:
        result: str = inner(conv, "blue")
        module.info("outside")
        return result

    stage = Stage()
    assert stage.run(outer).returned.text == "blue"
    assert [line.extras for line in stage.lines] == [{"api": "crm", "room": "blue"}, {}]
    assert (inner.__name__, inner.__doc__) == ("inner", "Looks.")


def test_tmp_bind_ends_with_a_failure_too() -> None:
    @plog.tmp_bind(api="crm")
    def fails(conv: Any) -> None:
        raise ValueError("no")

    stage = Stage()
    stage.run(fails)
    stage.run(lambda conv: plog.info("later"))
    assert stage.lines[-1].extras == {}


def test_what_is_printed_is_logged_line_by_line() -> None:
    def prints(conv: Any) -> None:
        print("one\ntwo")
        print("thr", end="")
        print("ee", 3)
        print("to stderr", file=sys.stderr)
        print("no end", end="")

    lines = lines_of(prints)
    assert {level for level, _ in lines} == {"print"}
    assert [text for _, text in lines] == ["one", "two", "three 3", "to stderr", "no end"]


def test_threads_print_their_own_lines() -> None:
    def prints(conv: Any) -> None:
        def talk(word: str) -> None:
            for _ in range(50):
                print(word, end="")
                print(word)

        threads = [threading.Thread(target=talk, args=(word,)) for word in ("ab", "xy")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(text for _, text in lines_of(prints)) == ["abab"] * 50 + ["xyxy"] * 50


def test_an_exception_in_a_thread_is_in_the_log() -> None:
    def fails(conv: Any) -> None:
        hook, threading.excepthook = threading.excepthook, threading.__excepthook__
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        threading.excepthook = hook

    assert any("ZeroDivisionError" in text for _, text in lines_of(fails))


def test_the_process_has_its_own_output_back_afterwards() -> None:
    before = sys.stdout, sys.stderr
    Stage().run(lambda conv: 1 / 0)
    assert (sys.stdout, sys.stderr) == before


def test_a_loop_that_logs_for_ever_is_cut_and_says_so() -> None:
    def floods(conv: Any) -> None:
        for number in range(MOST_LINES + 10):
            conv.log.info(number)

    lines = lines_of(floods)
    assert len(lines) == MOST_LINES
    assert lines[-1][0] == "warning"
    assert "not kept" in lines[-1][1]


def test_plog_at_import_goes_to_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    plog.warning("while importing")
    assert capsys.readouterr().err == "warning: while importing\n"
