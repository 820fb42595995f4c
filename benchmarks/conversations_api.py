"""The interfaces that other systems read conversations by, over a million calls, or as POSTCALL_BENCH_CALLS says.

POSTCALL_BENCH_RECORD may name a record that was made before, as for the reports.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.big_record import AGENTS
from benchmarks.figures import Figure, median, spread
from benchmarks.material import running
from benchmarks.reports import CALLS, put_record

PAGE = 100
REQUESTS = 60
"""Of each kind, the first of which does not count; the Data API takes 100 a minute from one key."""
WALKED = min(100_000, CALLS // 4)
"""Conversations; an agent has a third of the calls."""
AT_ONCE = 1_000
"""Conversations in a page of the walk: as many as the list gives where nobody names a limit."""
_LIST = f"/v3/default/{AGENTS[0]}/conversations"
_BUILT_WITHIN_S = 600


def measure() -> list[Figure]:
    """Pages with two metric filters, pages of the list with every turn and metric, and a walk through the list."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        put_record(folder / "postcall.db")
        with running(["postcall", "serve", "--port", "0", "--no-worker", "--data", name]) as server:
            client = Client(server.url, (folder / "api-key").read_text().strip())
            client.await_reports()
            server.await_rest()
            return [
                Figure("the smallest answer of the same server, median", median(_times(client, _smallest)), "ms"),
                *spread(
                    f"Data API, the {PAGE} newest of {CALLS:,} with two metric filters",
                    _times(client, _search),
                    aim="100 ms",
                ),
                *spread(
                    f"native list, the {PAGE} newest of {CALLS:,} with two metric filters",
                    _times(client, _native),
                    aim="100 ms",
                ),
                *_measure_pages(client, folder / "postcall.db"),
                _measure_walk(client, folder / "postcall.db"),
                Figure("the server's memory after the walk, at its highest", server.peak_mib(), "MiB"),
            ]


class Client:
    """One client with one connection."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_BUILT_WITHIN_S)
        self._headers = {"x-api-key": key, "content-type": "application/json"}

    def ask(self, path: str, body: object = None) -> Any:
        """What the reply says. Raises RuntimeError where it is an error."""
        text = None if body is None else json.dumps(body)
        self._connection.request("GET" if body is None else "POST", path, body=text, headers=self._headers)
        reply = self._connection.getresponse()
        said = reply.read()
        if reply.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {reply.status} {said[:200]!r}")
        return said

    def await_reports(self) -> None:
        """Until the index holds every call."""
        end = time.monotonic() + _BUILT_WITHIN_S
        while time.monotonic() < end:
            status = json.loads(self.ask("/postcall/v1/reports"))
            if status["state"] == "ready" and not status["behind"]:
                self._connection.close()  # the server lets go of one that stays idle until it is at rest
                return
            time.sleep(1)
        raise TimeoutError(f"the index was not there after {_BUILT_WITHIN_S} s")


def _times(client: Client, ask: Callable[[Client, int], object]) -> list[float]:
    """Milliseconds of each request but the first."""
    times = []
    for number in range(REQUESTS):
        begun = time.perf_counter()
        ask(client, number)
        times.append((time.perf_counter() - begun) * 1000)
    return times[1:]


def _smallest(client: Client, _number: int) -> None:
    client.ask("/postcall/v1")


def _search(client: Client, number: int) -> None:
    """Filters that no request before had: nothing is remembered."""
    filters = [
        {"metric": "SITE", "op": "eq", "value": f"site {number}"},
        {"metric": "AUTHENTICATED", "op": "eq", "value": number % 2 == 0},
    ]
    reply = client.ask("/api/v1/conversations/search", {"filters": filters, "limit": PAGE})
    _check(len(json.loads(reply)["conversations"]))


def _native(client: Client, number: int) -> None:
    authenticated = "true" if number % 2 == 0 else "false"
    wanted = f"metric.SITE={quote(f'site {number}')}&metric.AUTHENTICATED={authenticated}&limit={PAGE}"
    _check(len(json.loads(client.ask(f"/postcall/v1/calls?{wanted}"))["calls"]))


def _check(shown: int) -> None:
    """A record made smaller for trying this out may have fewer that match."""
    if not shown or (CALLS >= 1_000_000 and shown != PAGE):
        raise RuntimeError(f"{shown} calls are shown instead of {PAGE}")


def _measure_pages(client: Client, record: Path) -> list[Figure]:
    """Pages of the list one after the other, by its cursor."""
    times: list[float] = []
    ids = _walk(client, PAGE * REQUESTS, limit=PAGE, times=times)
    floor = [_read_bare(record, ids[first : first + PAGE]) for first in range(0, len(ids), PAGE)]
    what = f"Conversations API, a page of {PAGE} with turns, metrics and answers"
    return spread(what, times[1:], floor=("bare SQL for its rows", median(floor[1:])))


def _measure_walk(client: Client, record: Path) -> Figure:
    begun = time.perf_counter()
    ids = _walk(client, WALKED, limit=AT_ONCE, times=[])
    taken_s = time.perf_counter() - begun
    if len(set(ids)) != WALKED:
        raise RuntimeError(f"{len(set(ids))} different conversations came instead of {WALKED}")
    bare_s = sum(_read_bare(record, ids[first : first + AT_ONCE]) for first in range(0, len(ids), AT_ONCE)) / 1000
    floor = f"bare SQL for the same rows, {WALKED / bare_s:,.0f} calls/s"
    rate = WALKED / taken_s
    return Figure(f"cursor walk of {WALKED:,} conversations", rate, "calls/s", floor, rate * bare_s / WALKED)


def _walk(client: Client, count: int, *, limit: int, times: list[float]) -> list[str]:
    """The ids of so many conversations, and the milliseconds of each page with what reading its JSON takes."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while len(ids) < count:
        begun = time.perf_counter()
        page = json.loads(client.ask(f"{_LIST}?{urlencode({'limit': min(limit, count - len(ids)), **cursor})}"))
        times.append((time.perf_counter() - begun) * 1000)
        ids += [each["id"] for each in page["conversations"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    return ids


def _read_bare(record: Path, ids: Sequence[str]) -> float:
    """Milliseconds of reading every row of these calls that the list shows something of, and nothing else."""
    keys = ", ".join(str(int(each.removeprefix("call-"))) for each in ids)  # a call's id is its key
    database = sqlite3.connect(record)
    begun = time.perf_counter()
    shown = database.execute(f"SELECT * FROM calls WHERE pk IN ({keys})").fetchall()
    database.execute(
        "SELECT turns.* FROM calls JOIN turns ON call_pk = pk AND turns.revision = calls.revision "
        f"WHERE pk IN ({keys}) ORDER BY pk, position"
    ).fetchall()
    database.execute(
        "SELECT metric_events.* FROM calls JOIN metric_events ON call_pk = pk "
        f"AND metric_events.revision = calls.revision WHERE pk IN ({keys}) ORDER BY pk, position"
    ).fetchall()
    database.execute(
        "SELECT answers.* FROM calls JOIN answers ON extraction_pk = current_extraction_pk "
        f"WHERE calls.pk IN ({keys}) ORDER BY extraction_pk, position"
    ).fetchall()
    taken_ms = (time.perf_counter() - begun) * 1000
    database.close()
    if len(shown) != len(ids):
        raise RuntimeError(f"{len(shown)} calls were read instead of {len(ids)}")
    return taken_ms
