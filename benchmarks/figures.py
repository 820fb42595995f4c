"""What a measurement says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and what it was held against."""

    what: str
    value: float
    unit: str
    floor: str | None = None
    """What was measured in the same run to compare with."""
    ratio: float | None = None
    """Of the value to that floor."""
    aim: str | None = None

    def __str__(self) -> str:
        text = f"{self.what:<62} {self.value:>10,.4g} {self.unit}"
        if self.ratio is not None:
            text += f"   = {self.ratio:.3g} of {self.floor}"
        if self.aim is not None:
            text += f"   (aim: {self.aim})"
        return text

    def as_json(self) -> dict[str, object]:
        """For bench-results."""
        return asdict(self)


def spread(
    what: str, times_ms: Sequence[float], *, aim: str | None = None, floor: tuple[str, float] | None = None
) -> list[Figure]:
    """The median, beside the floor, and the 95th percentile, which the aim is for."""
    half = median(times_ms)
    beside, ratio = (f"{floor[0]}, {floor[1]:.3g} ms", half / floor[1]) if floor else (None, None)
    return [
        Figure(f"{what}, median", half, "ms", beside, ratio),
        Figure(f"{what}, 95th percentile", percentile(times_ms, 0.95), "ms", aim=aim),
    ]


def median(values: Sequence[float]) -> float:
    """The upper one of the middle where there are two."""
    return percentile(values, 0.5)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
