"""Making an export, step by step: each is kept before the next begins, and one that was cut off is done again."""

from __future__ import annotations

from collections.abc import Callable

from postcall.domain.exports import Manifest
from postcall.exporting.filing import compare_all, finish, manifest_of, write_part
from postcall.exporting.gathering import begin, catch_up, scan
from postcall.exporting.progress import Progress, Stage
from postcall.exporting.work import Work

_STEPS: dict[Stage, Callable[[Work, Progress], Progress]] = {
    Stage.SCAN: scan,
    Stage.CATCH_UP: catch_up,
    Stage.COMPARE: compare_all,
    Stage.WRITE: write_part,
    Stage.FINISH: finish,
}


def make_export(
    work: Work, progress: Progress | None, *, tell: Callable[[Progress], None] = lambda _: None
) -> Manifest:
    """Go on from what was kept last (None: begin) until everything is on the shelf.

    ExportHalted where the work is no longer wanted here. `tell` hears of each step.
    """
    if progress is None:
        progress = begin(work)
    while progress.stage is not Stage.DONE:
        work.check()
        tell(progress)
        progress = _STEPS[progress.stage](work, progress)
    tell(progress)
    return manifest_of(work, progress)
