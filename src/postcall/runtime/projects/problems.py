"""What is found wrong while a project is read."""

from __future__ import annotations

from collections.abc import Iterable

from postcall.runtime.projects.model import Problem

MOST = 1_000
"""Nobody reads more, and a broken generator can make any number."""


class Problems:
    """Collects problems; each is told once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._left_out = 0

    def add(self, file: str, line: int | None, message: str) -> None:
        """Note that something in a file cannot work."""
        problem = Problem(file, line, _printable(message))
        if len(self._found) < MOST:
            self._found[problem] = None
        elif problem not in self._found:
            self._left_out += 1

    def all(self) -> tuple[Problem, ...]:
        """By file and line."""
        found = sort_problems(self._found)
        if self._left_out:
            return (*found, Problem("project.yaml", None, f"and {self._left_out} more problems, not listed"))
        return found


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file and line, each once; what concerns a whole file comes first."""
    return tuple(sorted(set(problems), key=lambda each: (each.file, each.line or 0, each.message)))


def _printable(message: str) -> str:
    """Messages quote the files, and files hold anything; a database takes neither NUL nor half a surrogate pair."""
    if message.isprintable():
        return message
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in message)
