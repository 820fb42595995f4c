"""Which modules that are not the project's own its functions may import."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata

from postcall.runtime.projects.fields import Files

FILE = "requirements.txt"
SUPPLIED = frozenset({"_gen", "imports", "plog", "polyai"})
"""Modules that the processes of an agent supply themselves."""
STANDARD_SET = frozenset({"requests", "urllib3", "jsonschema", "pydantic", "tzdata"})
"""Third-party modules that every project may import without declaring them."""
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_AFTER_NAME = re.compile(r"\s*(\[[^\]]*\])?\s*(\(|[<>=!~;@]|$)")
_RUNS = re.compile(r"[-_.]+")

FindModules = Callable[[str], frozenset[str] | None]
"""The top-level modules that an installed package brings, by the package's name; None where it is not installed."""


@dataclass(frozen=True, slots=True)
class Importable:
    """What a project may import besides its own modules."""

    requirements: tuple[str, ...]
    """As requirements.txt has them."""
    declared: frozenset[str]
    """Modules of the packages that are declared and installed."""
    lacking: frozenset[str]
    """Packages that are declared and not installed here, spelt as a module would be."""

    def obstacle(self, module: str) -> str | None:
        """Why a top-level module cannot be imported, or None."""
        if module in sys.stdlib_module_names or module in SUPPLIED | STANDARD_SET | self.declared:
            return None
        if _as_module(module) in self.lacking:
            return f"{module!r} is declared in {FILE} and not installed here"
        return f"{module!r} is not in the standard library, nor declared in {FILE}"


def read_requirements(files: Files, find_modules: FindModules) -> Importable:
    """What requirements.txt declares; a package that is not installed here is a problem."""
    requirements: list[str] = []
    declared: set[str] = set()
    lacking: set[str] = set()
    for number, line in enumerate((files.text(FILE) or "").split("\n"), start=1):
        stated = re.sub(r"(^|\s)#.*", "", line).strip()
        if not stated:
            continue
        name = _NAME.match(stated)
        if name is None or not _AFTER_NAME.match(stated, name.end()):
            files.problems.add(FILE, number, f"{stated[:80]!r} names no package")
            continue
        requirements.append(stated)
        modules = find_modules(name[0])
        if modules is None:
            lacking.add(_as_module(name[0]))
            files.problems.add(FILE, number, f"{name[0]} is not installed here")
        else:
            declared |= modules
    return Importable(tuple(requirements), frozenset(declared), frozenset(lacking))


@lru_cache(maxsize=256)
def find_installed(package: str) -> frozenset[str] | None:
    """The modules of a package in this Python's environment."""
    try:
        distribution = metadata.distribution(package)
    except (metadata.PackageNotFoundError, ValueError):
        return None
    stated = (distribution.read_text("top_level.txt") or "").split()
    return frozenset(stated) or frozenset(_top_modules(str(file) for file in distribution.files or ()))


def _top_modules(files: Iterable[str]) -> Iterable[str]:
    for file in files:
        top, slash, _ = file.partition("/")
        if slash and top.isidentifier():
            yield top
        elif not slash and file.endswith((".py", ".so", ".pyd")):
            yield file.partition(".")[0]


def _as_module(package: str) -> str:
    return _RUNS.sub("_", package).lower()
