"""Calls to measure with, and processes to measure."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

SAID = (
    "Good morning, this is the clinic, how may I help you today?",
    "Hi, I would like to book a check-up for some day next week, please.",
    "Of course. Have you been with us before, and what is your name?",
    "Yes, twice. My name is Dana Whitfield, and the date of birth is 4 May 1987.",
    "Thank you, Dana. I have Tuesday at ten or Thursday at half past two.",
    "Thursday at half past two suits me better, I think.",
    "Thursday at half past two it is. May I have a number to reach you on?",
    "It is five five five, zero one three, four four two one.",
    "I have noted that. Is there anything else that I can do for you?",
    "No, that is all, thank you very much. Goodbye.",
)

QUESTIONS = [
    {"identifier": "call_reason", "prompt": "Why did the caller call?", "type": "ENUM",
     "choices": ["book", "cancel", "price", "complaint", "other"]},
    {"identifier": "appointment_booked", "prompt": "Was an appointment booked?", "type": "BOOLEAN"},
    {"identifier": "appointment_at", "prompt": "For when was it booked?", "type": "DATETIME"},
    {"identifier": "caller_name", "prompt": "What is the caller's name?", "type": "STRING"},
    {"identifier": "visits_before", "prompt": "How many times was the caller there before?", "type": "INTEGER"},
    {"identifier": "wanted_a_person", "prompt": "Did the caller ask for a person?", "type": "BOOLEAN"},
    {"identifier": "sentiment", "prompt": "How did the caller feel?", "type": "ENUM",
     "choices": ["positive", "neutral", "negative"]},
    {"identifier": "phone", "prompt": "Which phone number did the caller give?", "type": "STRING"},
]  # fmt: skip


def call_body(index: int, *, agent: str = "bench", turns: int = 20) -> bytes:
    """A finished call of twenty turns with ten metrics, unlike every other."""
    said = [
        {"role": "user" if position % 2 else "agent", "text": f"{SAID[position % len(SAID)]} ({index}.{position})",
         "start_s": position * 6.0}
        for position in range(turns)
    ]  # fmt: skip
    metrics = {f"METRIC_{number}": (index + number) % 7 if number % 2 else f"value {number}" for number in range(10)}
    return msgspec.json.encode(
        {"id": f"bench-{index}", "agent": agent, "started_at": "2026-03-02T09:00:00Z", "duration_s": turns * 6.0,
         "from": "+15550134421", "turns": said, "metrics": metrics}
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves."""

    pid: int
    url: str

    def cpu_s(self) -> float:
        """Processor time used so far, by all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def peak_mib(self) -> float:
        """The most resident memory that it ever had."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def await_rest(self, *, seconds: float = 120.0) -> None:
        """Wait until it does next to nothing, at most so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = self.cpu_s()
            time.sleep(1)
            if self.cpu_s() - before < 0.1:
                return


@contextmanager
def running(
    arguments: list[str], *, environ: dict[str, str] | None = None, keep_open: bool = False
) -> Iterator[Running]:
    """Start `python -m ...` and wait for the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE if keep_open else subprocess.DEVNULL,
        env={**os.environ, **(environ or {})},
        text=True,
    )
    try:
        yield Running(process.pid, _read_address(process))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1.0)[0]:
            found = re.search(r"http://\S+", process.stdout.readline())
            if found:
                return found[0]
        if process.poll() is not None:
            raise RuntimeError(f"the process ended with {process.returncode}")
    raise TimeoutError("no address was printed")
