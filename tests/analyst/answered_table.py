"""`python -m tests.analyst.answered_table`: write into README and docs/measurements.md which share of the questions is
answered with exactly the right numbers.

Both halves are asked of the built-in reader and of a scripted model that plans as told; nothing but the shares is told.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.tables import fill
from tests.analyst.evaluation import PLAIN, QUESTIONS, Data, evaluate, open_data
from tests.analyst.planned import evaluate_planned
from tests.analyst.question_data import NOW, read_questions

ROOT = Path(__file__).parent.parent.parent
MARK = "answered"
HALVES = ("opened", "unopened")
"""The one that was looked at while the reader was built, and the one that was not."""
OTHERS = frozenset({"ambiguous", "unanswerable"})
"""Where asking back, or saying that the calls cannot tell, is what is right."""

Judge: TypeAlias = Callable[[Sequence[dict[str, Any]], Data], Sequence[tuple[dict[str, Any], object, bool]]]
Readers: TypeAlias = Mapping[str, Judge]
READERS: Readers = {"built-in reader": evaluate, "a model that plans as told": evaluate_planned}


@dataclass(frozen=True, slots=True)
class Share:
    """How many questions of some kind are answered rightly."""

    right: int
    asked: int

    def __str__(self) -> str:
        return f"{self.right} of {self.asked}, {self.right / self.asked:.0%}" if self.asked else "–"


Shares: TypeAlias = Mapping[str, Share]
"""By the kind of question."""


def count(half: str, judge: Judge, shared: Path) -> Shares:
    """The shares of one half of the questions."""
    entries = read_questions(QUESTIONS / f"{half}.jsonl")
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for name in NOW:
        mine = [each for each in entries if each["data"] == name]
        if not mine:
            continue
        with tempfile.TemporaryDirectory() as folder, open_data(name, Path(folder), shared) as data:
            for entry, _, is_right in judge(mine, data):
                asked[entry["kind"]] += 1
                right[entry["kind"]] += is_right
    return {kind: Share(right[kind], asked[kind]) for kind in asked}


def together(shares: Shares, kinds: Iterable[str]) -> Share:
    """Of several kinds at once."""
    mine = [share for kind, share in shares.items() if kind in set(kinds)]
    return Share(sum(each.right for each in mine), sum(each.asked for each in mine))


def short_table(found: Mapping[str, Sequence[Shares]]) -> str:
    """By reader the shares of each half: the plain kinds, and those where no number is right."""
    lines = [
        "| answered with exactly the right numbers | questions seen while it was built | questions never seen |",
        "|---|---|---|",
    ]
    for reader, halves in found.items():
        cells = " | ".join(str(together(each, PLAIN)) for each in halves)
        lines.append(f"| plain questions, {reader} | {cells} |")
    for reader, halves in found.items():
        cells = " | ".join(str(together(each, OTHERS)) for each in halves)
        lines.append(f"| asks back, or says that calls cannot tell, {reader} | {cells} |")
    return "\n".join(lines)


def long_table(found: Mapping[str, Sequence[Shares]]) -> str:
    """A row for each kind of question, a column for each reader and half."""
    heads = [f"{reader}, {half}" for reader in found for half in HALVES]
    kinds = sorted({kind for halves in found.values() for shares in halves for kind in shares})
    lines = [f"| kind | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for kind in sorted(kinds, key=lambda each: each not in PLAIN):
        cells = [together(shares, [kind]) for halves in found.values() for shares in halves]
        lines.append(f"| {kind} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    """Count, and fill both tables."""
    shared = Path(os.environ.get("POSTCALL_SHARED", ROOT / ".." / "shared")).resolve()
    found = {reader: [count(half, judge, shared) for half in HALVES] for reader, judge in READERS.items()}
    fill(ROOT / "README.md", short_table(found), MARK)
    fill(ROOT / "docs" / "measurements.md", long_table(found), MARK)
    sys.stdout.write(f"{short_table(found)}\n")


if __name__ == "__main__":
    main()
