"""What a stream says while nothing happens, and at its end where postcall itself fails."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.aside import run_aside

from postcall.api.native.analyst import stream_events
from postcall.errors import ReportsBuilding

Told = AsyncGenerator[tuple[str, dict[str, Any]], None]
SECRET = "Jo Marsh"


async def heard(told: Told) -> list[bytes]:
    return [each async for each in stream_events(told, keep_alive_s=0.01)]


def test_a_stream_on_which_nothing_happens_says_that_it_is_there() -> None:
    async def work() -> list[bytes]:
        said = asyncio.Event()

        async def told() -> Told:
            yield "step", {"says": "Reading"}
            await said.wait()
            yield "answer", {"answer": "3"}

        parts = []
        async for each in stream_events(told(), keep_alive_s=0.01):
            parts.append(each)
            if each.startswith(b":"):
                said.set()
        return parts

    first, *quiet, last = run_aside(work())
    assert first == b'event: step\ndata: {"says":"Reading"}\n\n'
    assert quiet and set(quiet) == {b": still there\n\n"}
    assert last == b'event: answer\ndata: {"answer":"3"}\n\n'


def test_what_is_told_to_wait_for_comes_as_an_error_with_its_code() -> None:
    async def told() -> Told:
        yield "step", {}
        raise ReportsBuilding(0.5)

    *_, last = run_aside(heard(told()))
    assert last.startswith(b"event: error\ndata: ")
    assert json.loads(last.partition(b"data: ")[2])["code"] == "reports_building"


def test_a_fault_of_postcalls_own_is_logged_and_its_words_are_kept_from_the_asker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def told() -> Told:
        yield "step", {}
        raise RuntimeError(SECRET)

    with caplog.at_level(logging.ERROR):
        *_, last = run_aside(heard(told()))
    content = json.loads(last.partition(b"data: ")[2])
    assert content["code"] == "internal" and SECRET not in content["message"]
    assert SECRET in caplog.text


def test_whoever_stops_listening_ends_the_work() -> None:
    async def work() -> bool:
        ended = asyncio.Event()

        async def told() -> Told:
            try:
                yield "step", {}
                await asyncio.Event().wait()
            finally:
                ended.set()

        parts = stream_events(told(), keep_alive_s=0.01)
        await anext(parts)
        await anext(parts)  # by now it waits for what never comes
        await parts.aclose()
        return ended.is_set()

    assert run_aside(work())
