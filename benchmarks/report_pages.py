"""Pages over a large record as a browser waits for them, and how soon a call that was handed in is counted."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.bare_http import Connection, connected
from benchmarks.big_record import END
from benchmarks.figures import Figure, median, percentile, spread
from benchmarks.intake import CLIENTS, send
from benchmarks.material import call_body
from benchmarks.overview_tiles import MAIN_ANSWER, PERIODS
from postcall.reporting.dashboard_templates import overview

REQUESTS = 59
"""Of each kind of page: as many as an hour has minutes, less one that does not count."""
LONG = 7
"""Of a page that reads the words of every call."""
CALLS_A_SECOND = 200
SECONDS = 30
_POLL_S = 0.05
_AGENT = "lagging"
_COUNT = json.dumps({"measures": [{"measure": "conversations"}], "agent": _AGENT}).encode()


def measure_pages(url: str, plain_ms: dict[str, float]) -> list[Figure]:
    """p50 and p95 of each kind of page; `plain_ms` is what plain SQL takes for all of Overview's tiles, by period."""
    pages = Pages(url)
    pages.check_overview()
    least = median(pages.times_ms(["/postcall/v1"] * REQUESTS))
    figures = [Figure("the smallest answer of the same server", least, "ms")]
    for period in PERIODS:
        floor = "plain SQL for its tiles", plain_ms[period]
        fresh = pages.times_ms([_overview(period, minute) for minute in range(REQUESTS + 1)])
        again = pages.times_ms([_overview(period, 0)] * (REQUESTS + 1))
        figures += spread(f"Overview page, {period}, reckoned anew", fresh, aim="300 ms", floor=floor)
        figures += spread(f"Overview page, {period}, the same again", again, aim="300 ms")
    figures += spread(
        "calls page, two metrics filtered", pages.times_ms(map(_filtered, range(REQUESTS + 1))), aim="150 ms"
    )
    figures += spread("search that finds a hundred calls", pages.times_ms(map(_searched, range(REQUESTS + 1))))
    figures += spread("search that finds every call", pages.times_ms(map(_searched_all, range(LONG + 1))))
    return figures


class Pages:
    """One browser."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)

    def times_ms(self, paths: Iterable[str]) -> list[float]:
        """How long each took but for the first, which may find nothing warm."""
        found = []
        for path in paths:
            begun = time.perf_counter()
            self.read(path)
            found.append((time.perf_counter() - begun) * 1000)
        return found[1:]

    def read(self, path: str) -> bytes:
        """A page. Raises RuntimeError where it is none."""
        self._connection.request("GET", path)
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status} {reply.getheader('location')} {body[:200]!r}")
        return body

    def check_overview(self) -> None:
        """The page must have the tiles whose queries are measured."""
        shown = [tile["title"] for tile in json.loads(self.read("/overview.json"))["tiles"]]
        expected = [tile.title for tile in overview(MAIN_ANSWER)]
        if shown != expected:
            raise RuntimeError(f"Overview shows {shown}, and {expected} are measured")


def _overview(period: str, minute: int) -> str:
    until = END + timedelta(minutes=minute + 1)
    since = PERIODS[period].since
    return "/overview?" + urlencode({"since": f"{since:%Y-%m-%d}", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"})


def _filtered(number: int) -> str:
    authenticated = "true" if number % 2 else "false"
    return f"/calls?metric.SITE={quote(f'site {number}')}&metric.AUTHENTICATED={authenticated}"


def _searched(number: int) -> str:
    """Every turn ends with a number that about a hundred calls of a million share."""
    return f"/calls?q=whitfield+{1000 + number}"


def _searched_all(number: int) -> str:
    return "/calls?" + urlencode({"q": ("whitfield", "thursday", "clinic", "tuesday", "goodbye")[number % 5]})


@dataclass(slots=True)
class Watch:
    """When calls were accepted, and when how many of them were counted."""

    accepted: list[float] = field(default_factory=list)
    looks: list[tuple[float, int]] = field(default_factory=list)

    def lags_s(self) -> list[float]:
        """For each call in the order of acceptance, until an answer counted as many."""
        counts = [count for _, count in self.looks]
        return [
            self.looks[bisect_left(counts, number)][0] - at for number, at in enumerate(sorted(self.accepted), start=1)
        ]


def measure_lag(url: str, key: str) -> list[Figure]:
    """How long a call that was accepted is missing from answers, and from the index where nobody asks."""
    bodies = [call_body(number, agent=_AGENT) for number in range(2 * CALLS_A_SECOND * SECONDS)]
    asked, alone = bodies[: len(bodies) // 2], bodies[len(bodies) // 2 :]
    watch = asyncio.run(_watch_answers(url, key, asked))
    lags = watch.lags_s()
    behind = asyncio.run(_watch_index(url, key, alone))
    rate = (len(asked) - 1) / (max(watch.accepted) - min(watch.accepted))
    what = "a call accepted until it is counted"
    return [
        Figure("calls handed in meanwhile", rate, "calls/s", aim=f"{CALLS_A_SECOND} calls/s"),
        Figure(f"{what}, median", median(lags), "s"),
        Figure(f"{what}, 95th percentile", percentile(lags, 0.95), "s"),
        Figure(f"{what}, longest of {len(lags):,}", max(lags), "s", aim="1 s"),
        Figure(f"oldest change not in the index, nobody asking, longest of {len(behind)} looks", max(behind), "s",
               aim="1 s"),
    ]  # fmt: skip


async def _watch_answers(url: str, key: str, bodies: Sequence[bytes]) -> Watch:
    watch = Watch()
    async with connected(url, "/postcall/v1/calls", key) as first:
        await first.post(call_body(-1, agent=_AGENT))  # an agent that nobody knows is an error, not zero calls
    async with connected(url, "/postcall/v1/query", key) as connection:
        already = await _count(connection)
        sending = asyncio.create_task(
            send(url, key, bodies, clients=CLIENTS, per_s=CALLS_A_SECOND,
                 accepted=lambda: watch.accepted.append(time.perf_counter()))
        )  # fmt: skip
        while not watch.looks or watch.looks[-1][1] < len(bodies):
            if sending.done():
                await sending  # where it failed, no count will ever be reached
            await asyncio.sleep(_POLL_S)
            counted = await _count(connection) - already
            watch.looks.append((time.perf_counter(), counted))
        await sending
    return watch


async def _count(connection: Connection) -> int:
    return int(json.loads(await connection.post(_COUNT))["calls"])


async def _watch_index(url: str, key: str, bodies: Sequence[bytes]) -> list[float]:
    behind = []
    async with connected(url, "/postcall/v1/reports", key) as connection:
        sending = asyncio.create_task(send(url, key, bodies, clients=CLIENTS, per_s=CALLS_A_SECOND))
        while not sending.done():
            await asyncio.sleep(_POLL_S)
            behind.append(float(json.loads(await connection.get())["lag_s"]))
        await sending
    return behind
