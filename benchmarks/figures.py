"""What a measurement says."""

from __future__ import annotations

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
