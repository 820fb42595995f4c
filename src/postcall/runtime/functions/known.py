"""What importing a version came to, kept for longer than its processes: finding out may take a caller a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_S = 1800.0


@dataclass
class Known:
    """Of one version, since it was first imported. Times are those of the event loop."""

    retry_s: float
    """How long nothing is tried again; twice as long after each time that it was in vain."""
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Why a module is left out, by its name: importing it does not end, or ends the process."""
    refused: str | None = None
    """Why the project cannot be started at all."""
    tried_at: float = 0.0

    @property
    def to_leave_out(self) -> Mapping[str, str]:
        """What a new try leaves out: with nobody waiting, nothing, unless the project as a whole is too slow."""
        return self.blocked if self.refused is not None else {}

    def due(self, *, asked_at: float, now: float) -> bool:
        """Whether to try again, without anybody waiting for it: something is amiss, and was asked for since."""
        amiss = self.refused is not None or bool(self.blocked)
        return amiss and asked_at > self.tried_at and now > self.tried_at + self.retry_s

    def started(self, blocked: Mapping[str, str], *, now: float) -> None:
        """Its processes are there, without these modules."""
        if self.refused is not None or blocked != self.blocked:
            self.tried_at = now
        self.blocked, self.refused = blocked, None

    def cannot_start(self, why: str, blocked: Mapping[str, str], *, now: float) -> None:
        """Importing it did not come to an end; these modules are a part of the reason."""
        self.blocked, self.refused, self.tried_at = {**self.blocked, **blocked}, why, now

    def tried(self, blocked: Mapping[str, str], *, refused: str | None, now: float) -> None:
        """A new try left these modules out; `refused`: and did not come to an end."""
        if self.refused is not None:
            self.blocked, better = {**self.blocked, **blocked}, refused is None
        else:
            better = refused is None and blocked.keys() < self.blocked.keys()
        if better:
            self.blocked, self.refused = blocked, None
        else:
            self.retry_s = min(2 * self.retry_s, _LONGEST_S)
        self.tried_at = now
