"""Extraction by a model, against the limit that its latency sets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import msgspec
from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.material import QUESTIONS, Running, call_body, running
from postcall.api.question_format import QuestionBody, make_questions
from postcall.configure.publishing import publish_questions
from postcall.intake.call_format import read_call_body
from postcall.intake.service import take_call
from postcall.serving import open_services, utc_now
from postcall.settings import Settings
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.database import Record

CALLS = 400
WARM_UP = 64
"""Calls that the worker does first: its start is not what is measured."""
LATENCY_S = 0.2
AIMS = {32: "85 %", 128: "45 %"}


def _answer(value: object, turn: int, quote: str) -> dict[str, object]:
    evidence = [{"turn": turn, "quote": quote}]
    return {
        "value": value,
        "evidence": evidence,
        "reasoning": "The transcript says so in that turn.",
        "confidence": 0.9,
    }


ANSWERS: dict[str, object] = {
    "summary": "Dana Whitfield booked a check-up for Thursday at half past two. Nothing was left open.",
    "call_reason": _answer("book", 1, "I would like to book a check-up"),
    "appointment_booked": _answer(True, 6, "Thursday at half past two it is."),
    "appointment_at": _answer("2026-03-05T14:30:00", 6, "Thursday at half past two it is."),
    "caller_name": _answer("Dana Whitfield", 3, "My name is Dana Whitfield"),
    "visits_before": _answer(2, 3, "Yes, twice."),
    "wanted_a_person": _answer(False, 9, "No, that is all, thank you very much."),
    "sentiment": _answer("positive", 9, "thank you very much"),
    "phone": _answer("5550134421", 7, "It is five five five, zero one three, four four two one."),
}


def measure() -> list[Figure]:
    """400 twenty-turn calls x 8 questions at 200 ms, one worker process, 32 and 128 in flight."""
    found: list[Figure] = []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as answers:
        answers.write(json.dumps(ANSWERS))
        answers.flush()
        found += _measure_against(["postcall.testing", "--latency", str(LATENCY_S), "--answers", answers.name])
    return found


def _measure_against(scripted: list[str]) -> list[Figure]:
    found: list[Figure] = []
    with running([*scripted, "--until-input-ends"], keep_open=True) as model:
        for concurrency, aim in AIMS.items():
            bare = _bare_client(model.url, concurrency)
            ours, requests, tokens, cpu_ms = _extract_all(model.url, concurrency)
            limit = CALLS * LATENCY_S / concurrency
            found += [
                Figure(
                    f"a bare client, {concurrency} in flight", CALLS / bare, "requests/s", "the limit", limit / bare
                ),
                Figure(f"extraction, {concurrency} in flight", CALLS / ours, "calls/s", "the limit", limit / ours, aim),
                Figure(f"requests a call, {concurrency} in flight", requests, "", aim="1"),
                Figure(f"prompt tokens a call, {concurrency} in flight", tokens, ""),
                Figure(f"processor time a call, {concurrency} in flight", cpu_ms, "ms", aim="3 ms"),
            ]
    return found


def _extract_all(model_url: str, concurrency: int) -> tuple[float, float, float, float]:
    """Seconds from the first claim to the last result, requests, prompt tokens and processor ms a call."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        record, account_pk = _prepare(Path(folder))
        environ = {
            "POSTCALL_LLM_BASE_URL": model_url.rstrip("/").removesuffix("/v1") + "/v1",
            "POSTCALL_LLM_MODEL": "scripted",
            "POSTCALL_LLM_CONCURRENCY": str(concurrency),
        }
        worker = subprocess.Popen(
            [sys.executable, "-m", "postcall", "worker", "--data", folder],
            env={**_environ(), **environ},
            stdout=subprocess.DEVNULL,
        )
        try:
            _queue(record, account_pk, range(WARM_UP))
            _await_all(record, WARM_UP)
            before, rested_s = _count_requests(model_url), Running(worker.pid, "").cpu_s()
            _queue(record, account_pk, range(WARM_UP, WARM_UP + CALLS))
            first, last, tokens = _await_all(record, WARM_UP + CALLS)
            cpu_s = Running(worker.pid, "").cpu_s() - rested_s
        finally:
            worker.terminate()
            worker.wait(timeout=20)
            record.close()
        requests = (_count_requests(model_url) - before) / CALLS
    return last - first, requests, tokens, cpu_s / CALLS * 1000


def _prepare(folder: Path) -> tuple[Record, int]:
    record = open_services(Settings(folder, f"sqlite:///{folder / 'postcall.db'}", None, None)).record
    account_pk = record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    questions = make_questions([msgspec.convert(question, QuestionBody) for question in QUESTIONS])
    record.write(lambda c: publish_questions(c, account_pk, "bench", questions, now=utc_now()))
    return record, account_pk


def _queue(record: Record, account_pk: int, indexes: range) -> None:
    """All calls in one commit, so that the worker finds them at once."""
    works = [take_call(account_pk, read_call_body(call_body(index)), now=utc_now(), replace=False) for index in indexes]
    record.write(lambda c: [work(c) for work in works])


def _await_all(record: Record, count: int) -> tuple[float, float, float]:
    """First start and last finish in seconds, as the record has them, and mean prompt tokens; of the last 400 calls."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        done = record.read(lambda c: c.execute(text("SELECT count(*) FROM extractions")).scalar_one())
        if done == count:
            break
        time.sleep(0.2)
    rows = record.read(
        lambda c: c.execute(
            text("SELECT started_at, finished_at, usage, status, failure FROM extractions ORDER BY pk")
        ).all()
    )
    failed = [row.failure for row in rows if row.status != "finished"]
    if failed or len(rows) != count:
        raise RuntimeError(f"{len(rows)} extractions, {len(failed)} failed: {failed[:1]}")
    rows = rows[-CALLS:]
    tokens = sum(json.loads(row.usage)["prompt_tokens"] for row in rows) / len(rows)
    return min(row.started_at for row in rows) / 1e6, max(row.finished_at for row in rows) / 1e6, tokens


def _bare_client(model_url: str, concurrency: int) -> float:
    """Seconds that a client which does nothing else needs for as many requests; in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_client", model_url, str(CALLS), str(concurrency)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(answer.stdout)


def _count_requests(model_url: str) -> int:
    with urlopen(model_url.rstrip("/").removesuffix("/v1") + "/scripted") as answer:
        return int(json.load(answer)["count"])


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("POSTCALL_")}
