"""A rate limit, an outage or a refused key slows the queue down; it does not use it up."""

from __future__ import annotations

import asyncio

from tests.aside import run_aside

from postcall.errors import ModelRateLimited, ModelRefused, ModelUnavailable, PostcallError
from postcall.jobs.throttle import FIRST_PAUSE_S, Throttle

LIMITED = ModelRateLimited("slow down", retry=True)
DOWN = ModelUnavailable("the endpoint failed", retry=True)
REFUSED = ModelRefused("the model declined", retry=False)


def after(limit: int, *ends: PostcallError | None) -> Throttle:
    """A throttle that has seen jobs end so, one after the other."""

    async def run() -> Throttle:
        throttle = Throttle(limit)
        for end in ends:
            async with asyncio.timeout(0.5):
                entered = await throttle.enter()
            await throttle.leave(end, entered)
        return throttle

    return run_aside(run())


def test_each_refusal_halves_how_many_run_at_once() -> None:
    assert after(32, LIMITED).allowed == 16
    assert after(32, LIMITED, LIMITED, LIMITED).allowed == 4


def test_success_brings_them_back_one_by_one() -> None:
    assert after(32, LIMITED, None, None).allowed == 18
    assert after(2, None, None, None).allowed == 2


def test_a_call_that_the_model_declines_slows_nobody() -> None:
    assert after(8, *[REFUSED] * 20).allowed == 8


def test_one_call_that_fails_again_and_again_slows_nobody_while_others_succeed() -> None:
    assert after(4, *[DOWN, None] * 20).allowed == 4


def test_as_many_failures_as_run_at_once_without_a_success_are_the_endpoints_fault() -> None:
    assert after(4, *[DOWN] * 3).allowed == 4
    assert after(4, *[DOWN] * 4).allowed == 2


def test_where_even_one_at_a_time_is_refused_nobody_asks_for_a_while() -> None:
    async def run() -> float:
        throttle = Throttle(1)
        await throttle.leave(LIMITED, await throttle.enter())
        begun = asyncio.get_running_loop().time()
        await throttle.enter()
        return asyncio.get_running_loop().time() - begun

    assert run_aside(run()) >= FIRST_PAUSE_S * 0.99


def test_a_burst_of_refusals_is_one_piece_of_news() -> None:
    async def run() -> int:
        throttle = Throttle(32)
        entered = [await throttle.enter() for _ in range(32)]
        for each in entered:
            await throttle.leave(LIMITED, each)
        async with asyncio.timeout(0.5):
            await throttle.enter()
        return throttle.allowed

    assert run_aside(run()) == 16


def test_a_wait_that_the_endpoint_asks_for_holds_for_everybody() -> None:
    async def run() -> float:
        throttle = Throttle(8)
        await throttle.leave(ModelRateLimited("slow down", retry=True, retry_after_s=0.4), await throttle.enter())
        begun = asyncio.get_running_loop().time()
        await throttle.enter()
        return asyncio.get_running_loop().time() - begun

    assert run_aside(run()) >= 0.39


def test_no_more_run_at_once_than_allowed() -> None:
    async def run() -> int:
        throttle, now, most = Throttle(3), 0, 0

        async def job() -> None:
            nonlocal now, most
            entered = await throttle.enter()
            now, most = now + 1, max(most, now + 1)
            await asyncio.sleep(0.001)
            now -= 1
            await throttle.leave(None, entered)

        await asyncio.gather(*(job() for _ in range(30)))
        return most

    assert run_aside(run()) == 3
