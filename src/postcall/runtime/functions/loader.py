"""Importing a project's modules from memory, in the process that runs them."""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import CodeType, ModuleType
from typing import Protocol

from postcall.runtime.protocol import BrokenModule

FUNCTION_FOLDERS = ("functions", "flows")
"""What is imported at once; other modules of the project are, when one of these needs them."""
_LONGEST_MESSAGE = 300


class Watcher(Protocol):
    """Who hears how far the imports have come."""

    def began(self, module: str) -> None:
        """Its top level runs from now on."""

    def ended(self, module: str) -> None:
        """It has run, or raised."""


Star = Callable[[str], Mapping[str, object]]
"""The names that `from _gen import *` gives to a module with this source."""


class BlockedModule(ImportError):
    """A module that is not imported again, since its top level never ends, or ends the process."""


class ProjectFinder(MetaPathFinder, Loader):
    """Finds the modules of one project, and nothing else.

    What `star` gives for a module's source is put into the module before its top level runs, and the line
    `from _gen import *` is left out, so that modules from before that line existed work too. Files are named in
    traces as they are within the project.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        star: Star,
        *,
        blocked: Mapping[str, str],
        watcher: Watcher | None = None,
    ) -> None:
        self._files = modules_of(sources)
        self._sources = sources
        self._packages = _packages_of(self._files)
        self._star = star
        self._blocked = blocked
        self._watcher = watcher
        self._compiled: dict[str, CodeType] = {}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """By name alone, wherever it is imported from."""
        if fullname in self._files or fullname in self._packages:
            return spec_from_loader(
                fullname, self, origin=self._files.get(fullname), is_package=fullname in self._packages
            )
        other = self._elsewhere(fullname)
        return spec_from_loader(fullname, _Alias(other), is_package=other in self._packages) if other else None

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        """As Python makes them."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run its top level."""
        name = module.__name__
        file = self._files.get(name)
        if file is None:
            return
        if name in self._blocked:
            raise BlockedModule(f"{name} {self._blocked[name]}", name=name, path=file)
        module.__file__ = file
        module.__dict__.update(self._star(self._sources[file]))
        if self._watcher is not None:
            self._watcher.began(name)
        try:
            exec(self._compile(name, file), module.__dict__)
        finally:
            if self._watcher is not None:
                self._watcher.ended(name)

    def forget_watcher(self) -> None:
        """Nobody needs to hear of imports inside functions."""
        self._watcher = None

    def get_source(self, fullname: str) -> str | None:
        """For `inspect`."""
        file = self._files.get(fullname)
        return None if file is None else self._sources[file]

    def import_all(self) -> tuple[BrokenModule, ...]:
        """Import every module of functions and flows once, and say which cannot be."""
        broken = [self._try(name) for name in self._files if name.partition(".")[0] in FUNCTION_FOLDERS]
        return tuple(found for found in broken if found is not None)

    def _try(self, name: str) -> BrokenModule | None:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - a top level may raise anything, also SystemExit; it is told
            return broken_by(error, name, self._files[name])
        return None

    def _compile(self, name: str, file: str) -> CodeType:
        found = self._compiled.get(name)
        if found is None:
            source = self._sources[file]
            # No time of change: such entries are taken for good, also where a file of this name lies on the disk.
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            tree = _WithoutStar().visit(ast.parse(source, file))
            found = self._compiled[name] = compile(tree, file, "exec", dont_inherit=True)
        return found

    def _elsewhere(self, name: str) -> str | None:
        """`functions.<folder of a flow>.x` means that flow's function, or its function step."""
        head, _, rest = name.partition(".")
        if head != "functions" or not rest:
            return None
        folder, _, module = rest.partition(".")
        if f"flows.{folder}" not in self._packages:
            return None
        places = (f"flows.{folder}.functions", f"flows.{folder}.function_steps")
        if not module:
            return f"flows.{folder}"
        return next((found for place in places if (found := f"{place}.{module}") in self._files), None)


class _WithoutStar(ast.NodeTransformer):
    """Takes away the line whose names are there already, and leaves every other line where it is."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        if node.module in ("_gen", "imports") and not node.level and node.names[0].name == "*":
            return ast.copy_location(ast.Pass(), node)
        return node


class _Alias(Loader):
    """Gives a second name to a module, so that it is not run twice and its classes are not two."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        """The module itself."""
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has run already; its name stays the first one."""
        module.__spec__ = self._spec


def modules_of(sources: Iterable[str]) -> dict[str, str]:
    """The file of each module, by the name under which it is imported."""
    found = {}
    for file in sources:
        parts = file.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if file.endswith(".py") and parts and not any("." in part for part in parts):
            found[".".join(parts)] = file
    return found


def _packages_of(files: Mapping[str, str]) -> frozenset[str]:
    """Every folder with a module somewhere below it, and `functions` and `flows` in any case."""
    packages = set(FUNCTION_FOLDERS)
    for name, file in files.items():
        parts = name.split(".")
        packages.update(".".join(parts[:end]) for end in range(1, len(parts)))
        if file.rpartition("/")[2] == "__init__.py":
            packages.add(name)
    return frozenset(packages)


def broken_by(error: BaseException, module: str, file: str) -> BrokenModule:
    """What is wrong with a module whose import raised this; the line is its own, also where another one raised."""
    line = None
    if isinstance(error, SyntaxError) and error.filename == file:
        line = error.lineno
    else:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        line = lines[-1] if lines else None
    try:
        text = " ".join(str(error).split())[:_LONGEST_MESSAGE]
    except Exception as fault:  # noqa: BLE001 - an exception of the project's own whose text raises
        text = f"(its text raised {type(fault).__name__})"
    if isinstance(error, BlockedModule):
        return BrokenModule(module, file, line, text)
    kind = type(error).__name__
    return BrokenModule(module, file, line, f"{kind}: {text}" if text else kind)


def install(
    sources: Mapping[str, str],
    supplied: Mapping[str, ModuleType],
    star: Star,
    *,
    blocked: Mapping[str, str],
    watcher: Watcher | None = None,
) -> ProjectFinder:
    """Make this process one of this project.

    Its modules go before installed ones of the same name, but not before Python's own, nor before those that this
    process already uses. `supplied` stand for files of the project or packages that it expects, such as `_gen`.
    """
    sys.modules.update(supplied)
    taken = {*sys.stdlib_module_names, *(name.partition(".")[0] for name in sys.modules)}
    served = {file: text for file, text in sources.items() if _top_level(file) not in taken}
    finder = ProjectFinder(served, star, blocked=blocked, watcher=watcher)
    sys.meta_path.insert(0, finder)
    return finder


def _top_level(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")
