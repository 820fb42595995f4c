"""Everything that is wrong with a project, what only importing its modules tells included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from postcall.runtime.functions.checking import check_imports
from postcall.runtime.functions.zygotes import CannotStart
from postcall.runtime.projects.archive import pack
from postcall.runtime.projects.folder import keep_counting
from postcall.runtime.projects.loading import load_project
from postcall.runtime.projects.model import Problem, Project
from postcall.runtime.projects.problems import sort_problems
from postcall.runtime.protocol import BrokenModule


@dataclass(frozen=True, slots=True)
class CheckedProject:
    """A project that was read and whose modules were imported once."""

    files: dict[str, bytes]
    """Those that count."""
    project: Project
    problems: tuple[Problem, ...]
    """Of the files and of the imports."""


async def check_project(files: Mapping[str, bytes]) -> CheckedProject:
    """Read a project and import its modules in a process of their own, which runs their top levels.

    BadInput where the files are no project; a module that cannot be imported is a problem like any other.
    """
    kept = keep_counting(files)
    project = await asyncio.to_thread(lambda: load_project(pack(kept)))
    problems = project.problems
    try:
        broken = await check_imports(project) if project.sources else ()
    except CannotStart as error:  # its code cannot run here at all; what is no code may still be of use
        problems, broken = (*problems, Problem("functions", None, f"cannot be imported: {error}")), ()
    return CheckedProject(kept, project, with_broken(problems, broken))


def with_broken(problems: Iterable[Problem], broken: Iterable[BrokenModule]) -> tuple[Problem, ...]:
    """The problems with those of modules, but for lines and files that are known to be wrong already."""
    found = set(problems)
    known = {(each.file, each.line) for each in found}
    for module in broken:
        unread = any(each.file == module.file and each.message.startswith("not Python") for each in found)
        if (module.file, module.line) not in known and not unread:
            found.add(Problem(module.file, module.line, f"cannot be imported: {module.message}"))
    return sort_problems(found)
