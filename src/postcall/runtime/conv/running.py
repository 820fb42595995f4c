"""Running one function: everything that it does comes back as a FunctionDone, whatever happens inside it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

from msgspec.structs import replace

from postcall.runtime.conv.building import conversation_of, effects_of, flow_of
from postcall.runtime.conv.channel import Channel, Find, Unavailable
from postcall.runtime.conv.conversation import Conversation
from postcall.runtime.conv.kept import keep, restore, show, show_as_texts
from postcall.runtime.conv.logs import begin_logging
from postcall.runtime.conv.plain import as_text
from postcall.runtime.conv.printing import FunctionOutput
from postcall.runtime.conv.returned import Nonsense, Reading, read_returned, unknown_keys
from postcall.runtime.conv.traces import failed_with
from postcall.runtime.protocol import Effects, Failed, FunctionDone, Returned, RunFunction, StaticProject

_OF_A_FLOW = ("transition", "step")


def run_function(frame: RunFunction, project: StaticProject, channel: Channel, find: Find) -> FunctionDone:
    """Run it, and tell all that came of it. Never raises for what the function does.

    A process runs one function at a time: while it runs, what the process prints is the function's log.
    """
    started = perf_counter()
    try:
        state = restore(frame.state)
    except BaseException as error:  # noqa: BLE001 - a class in the state that cannot be read; told in the answer
        return _undone(frame, error, "the state cannot be read", started, shown={})
    conv = conversation_of(frame, state, project, channel, find)
    before = show(state)
    threads = set(threading.enumerate())
    reading, failed = _run(frame, conv)
    seconds = perf_counter() - started
    try:
        return _done(frame, conv, before, reading, failed, seconds, threads)
    except BaseException as error:  # noqa: BLE001 - what the function left behind cannot be read; told in the answer
        return _undone(frame, error, "what the function left cannot be read", started, shown=before)


def _undone(
    frame: RunFunction, error: BaseException, what: str, started: float, *, shown: dict[str, Any]
) -> FunctionDone:
    """The answer when not even the state can be read: it stays as it was before the function."""
    failed = replace(failed_with(error), message=f"{what}: {as_text(error)}")
    return FunctionDone(
        frame.id, frame.state, shown, show_as_texts(shown), failed=failed, seconds=perf_counter() - started
    )


def _run(frame: RunFunction, conv: Conversation) -> tuple[Reading, Failed | None]:
    """Call the function and read what it returns."""
    stdout, stderr, output = sys.stdout, sys.stderr, FunctionOutput(conv.log)
    nothing = Reading(Returned(), conv.wishes.moved)
    begin_logging(conv.log)
    sys.stdout = sys.stderr = output
    try:
        value = _call(frame, conv)
        for key in unknown_keys(value):
            conv.wishes.note(f"the returned dictionary has {key!r}, which does nothing")
        return read_returned(value, queued=conv.wishes.moved), None
    except Unavailable as error:
        return nothing, Failed("unavailable", as_text(error))
    except Nonsense as error:
        return nothing, Failed("nonsense", as_text(error))
    except BaseException as error:  # noqa: BLE001 - SystemExit and the like too: told in the answer, as a failure
        return nothing, failed_with(error)
    finally:
        sys.stdout, sys.stderr = stdout, stderr
        output.finish()
        begin_logging(None)


def _call(frame: RunFunction, conv: Conversation) -> Any:
    function: Callable[..., Any] = conv.find(frame.kind, frame.name, frame.flow)
    if frame.kind in _OF_A_FLOW:
        return function(conv, flow_of(frame, conv), **frame.arguments)
    return function(conv, **frame.arguments)


def _done(
    frame: RunFunction,
    conv: Conversation,
    before: dict[str, Any],
    reading: Reading,
    failed: Failed | None,
    seconds: float,
    threads: set[threading.Thread],
) -> FunctionDone:
    kept = keep(conv.state)
    for key in kept.turned_to_text:
        conv.log.warning(f"conv.state.{key} cannot be kept as it is: it is a text from now on")
    after = show(conv.state)
    return FunctionDone(
        frame.id,
        kept.pickled,
        after,
        show_as_texts(conv.state),
        returned=reading.returned,
        effects=_with_returned(effects_of(conv, frame.context), reading, conv, failed),
        failed=failed,
        seconds=seconds,
        added={key: value for key, value in after.items() if key not in before},
        updated={
            key: {"before": before[key], "after": value}
            for key, value in after.items()
            if key in before and before[key] != value
        },
        removed=tuple(key for key in before if key not in after),
        threads_left=sum(thread.is_alive() for thread in set(threading.enumerate()) - threads),
    )


def _with_returned(effects: Effects, reading: Reading, conv: Conversation, failed: Failed | None) -> Effects:
    """The effects together with those that the returned dictionary names, which come last and so win."""
    if failed is not None:
        return effects
    if reading.variant is not None:
        conv.set_variant(reading.variant)
    return replace(
        effects,
        moved=reading.moved,
        handoff=reading.handoff or effects.handoff,
        variant=conv.wishes.variant,
        notes=tuple(conv.wishes.notes),
    )
