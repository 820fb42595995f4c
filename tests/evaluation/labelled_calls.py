"""A tiny file of labelled calls to a garage, its questions, and how they are scored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUESTIONS: list[dict[str, Any]] = [
    {
        "identifier": "service",
        "dispositionMetricPrompt": "What did the caller want?",
        "dispositionMetricType": "ENUM",
        "choices": ["tyres", "inspection", "repair"],
    },
    {
        "identifier": "booked",
        "dispositionMetricPrompt": "Was an appointment booked?",
        "dispositionMetricType": "BOOLEAN",
    },
    {
        "identifier": "caller_name",
        "dispositionMetricPrompt": "What is the caller's name?",
        "dispositionMetricType": "STRING",
    },
    {"identifier": "day", "dispositionMetricPrompt": "For which day?", "dispositionMetricType": "DATETIME"},
]
SCORING: dict[str, dict[str, str]] = {
    "service": {"compare": "exact"},
    "caller_name": {"compare": "case-insensitive; also report surname only", "noise": "none: made up"},
    "day": {"compare": "date"},
}
"""`booked` is missing: it is compared exactly."""

LINES: list[dict[str, Any]] = [
    {
        "id": "garage-1",
        "reference_date": "2026-03-02",
        "turns": [
            {"role": "agent", "text": "Hillside Garage, good morning."},
            {"role": "user", "text": "Morning, my name is Nora Beck. I need an inspection for my van tomorrow."},
            {"role": "agent", "text": "Tomorrow at nine works. Your inspection is booked."},
            {"role": "user", "text": "Great, thank you. Bye."},
        ],
        "gold": {"service": "inspection", "booked": True, "caller_name": "nora beck", "day": "2026-03-03"},
    },
    {
        "id": "garage-2",
        "started_at": "2026-03-04T09:00:00Z",
        "turns": [
            {"role": "agent", "text": "Hillside Garage."},
            {"role": "user", "text": "Do you sell tyres for a bicycle?"},
            {"role": "agent", "text": "No, I am sorry, only for cars."},
            {"role": "user", "text": "Never mind then."},
        ],
        "gold": {"service": "tyres", "booked": False, "caller_name": None, "day": None},
    },
    {
        "id": "garage-3",
        "turns": [{"role": "user", "text": "It is Sam Ode. The brakes are grinding, can you repair that?"}],
        "gold": {"service": "repair", "caller_name": "Sam Ode"},
    },
]


@dataclass(frozen=True)
class Files:
    """Where the three files lie."""

    calls: Path
    metrics: Path
    scoring: Path

    def arguments(self) -> list[str]:
        """As the command takes them."""
        return ["--calls", str(self.calls), "--metrics", str(self.metrics), "--scoring", str(self.scoring)]


def write_files(
    folder: Path,
    *,
    lines: list[dict[str, Any]] | None = None,
    questions: object = QUESTIONS,
    scoring: object = SCORING,
) -> Files:
    """Write the files, or changed ones."""
    files = Files(folder / "calls.jsonl", folder / "metrics.json", folder / "scoring.json")
    files.calls.write_text("".join(json.dumps(line) + "\n" for line in (LINES if lines is None else lines)))
    files.metrics.write_text(json.dumps(questions))
    files.scoring.write_text(json.dumps(scoring))
    return files
