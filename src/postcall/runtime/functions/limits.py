"""How much the processes that run functions may use."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.runtime.protocol import Limits


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Of all projects together, where nothing else is said."""

    workers: int = 32
    """Processes at once that run functions; who finds none free waits in order. See `share`."""
    memory_mib: int = 1024
    """Of one process: its address space."""
    import_s: float = 10.0
    """How long one module of a project may take to import."""
    boot_s: float = 60.0
    """How long a project may take to import."""
    retry_s: float = 30.0
    """How long what could not be imported is left as it is, at first; it is then tried without anybody waiting."""
    folders: tuple[str, ...] = ()
    """What functions may read and write besides an empty folder of their own, where the system can tell."""
    worker_idle_s: float = 60.0
    """After so long without work a process ends."""
    project_idle_s: float = 600.0
    """After so long without work a project's processes end; the next function starts them again."""

    @property
    def share(self) -> int:
        """How many of the workers one project may use, so that no project makes all others wait."""
        return max(1, self.workers // 2)

    @property
    def of_a_process(self) -> Limits:
        """As the process is told."""
        return Limits(memory_bytes=self.memory_mib * 1024 * 1024, import_s=self.import_s, folders=self.folders)
