"""Imports that cannot work, found without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.requirements import SUPPLIED, Importable
from postcall.runtime.projects.source import Definition, Source, module_name

_OWN = ("functions", "flows")


@dataclass(slots=True)
class ModuleNames:
    """What a module binds at its top."""

    names: set[str] = field(default_factory=set)
    open: bool = False
    """It may bind more than can be seen: a star import, a `__getattr__`, or no readable source."""
    gen: bool = False
    """It has all of `_gen`: classes, and decorators that begin with `func_`."""

    def lacks(self, name: str) -> bool:
        """Whether it certainly has no such name."""
        if self.open or name in self.names or (name.startswith("__") and name.endswith("__")):
            return False
        return not (self.gen and (name[:1].isupper() or name.startswith("func_")))


def check_imports_of(sources: Mapping[str, Source], importable: Importable, problems: Problems) -> None:
    """Note every import of a module or name that is not there.

    What stands in a `try` that catches it, or under `TYPE_CHECKING`, may fail and is passed over.
    """
    modules = _Modules(sources)
    for source in sources.values():
        if source.tree is None:
            continue
        for node in _imports(source.tree):
            for message in _complaints(node, source, modules, importable):
                problems.add(source.file, node.lineno, message)


class _Modules:
    """The project's own modules."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = {module_name(file): source for file, source in sources.items()}
        self._packages = {
            ".".join(parts[:count])
            for name in self._sources
            for parts in (name.split("."),)
            for count in range(1, len(parts))
        }
        self._names: dict[str, ModuleNames] = {}
        self.tops = {name.partition(".")[0] for name in self._sources} | set(_OWN)

    def known_as(self, module: str) -> str | None:
        """The module's own name; `functions.<folder>.x` may stand for a flow's function. None: it is not there."""
        if module in self._sources or module in self._packages or module in _OWN:
            return module
        parts = module.split(".")
        if len(parts) == 3 and parts[0] == "functions":
            of_flow = f"flows.{parts[1]}.functions.{parts[2]}"
            return of_flow if of_flow in self._sources else None
        return None

    def lacks(self, module: str, name: str) -> bool:
        """Whether a module that is there certainly has no such name."""
        if self.known_as(f"{module}.{name}"):
            return False
        source = self._sources.get(module)
        if source is None:  # a folder: nothing but modules in it
            return True
        if module not in self._names:
            self._names[module] = _names_of(source)
        return self._names[module].lacks(name)


def _complaints(
    node: ast.Import | ast.ImportFrom, source: Source, modules: _Modules, importable: Importable
) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if message := _missing_module(alias.name, modules, importable):
                yield message
        return
    module = _absolute(node, source)
    if module is None:
        yield "a relative import that leads out of the project"
        return
    message = _missing_module(module, modules, importable)
    if message:
        yield message
        return
    known = modules.known_as(module)
    if known is None:  # somebody else's: what is in it shows when it is imported
        return
    for alias in node.names:
        if alias.name != "*" and modules.lacks(known, alias.name):
            yield f"{known} has nothing named {alias.name!r}"


def _missing_module(module: str, modules: _Modules, importable: Importable) -> str | None:
    top = module.partition(".")[0]
    if top in modules.tops and top not in SUPPLIED:
        return None if modules.known_as(module) else f"there is no module {module!r} in the project"
    return importable.obstacle(top)


def _absolute(node: ast.ImportFrom, source: Source) -> str | None:
    if not node.level:
        return node.module or ""
    package = source.file.split("/")[:-1]
    if node.level > len(package):
        return None
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Those that fail the module or the function in which they stand."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.Try) and any(_catches_import(each) for each in node.handlers):
            waiting += [*node.handlers, *node.orelse, *node.finalbody]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in _names_in(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def _catches_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return bool(_names_in(handler.type) & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _names_in(node: ast.expr) -> set[str]:
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _names_of(source: Source) -> ModuleNames:
    found = ModuleNames(open=source.tree is None)
    waiting: list[ast.AST] = [] if source.tree is None else [*source.tree.body]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.names.add(name)
                found.open = found.open or name == "__getattr__"
                if isinstance(node, Definition):
                    found.names.update(_globals_of(node))
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.names.update((each.asname or each.name.partition(".")[0]) for each in aliases)
                is_star = any(each.name == "*" for each in aliases)
                found.gen = found.gen or (is_star and _is_gen(node))
                found.open = found.open or (is_star and not _is_gen(node))
            case ast.Name(id=name, ctx=ast.Store()) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.names.add(name)
            case ast.ExceptHandler(name=str(name)):
                found.names.add(name)
                waiting += ast.iter_child_nodes(node)
            case ast.Lambda():
                pass
            case _:
                waiting += ast.iter_child_nodes(node)
    return found


def _globals_of(definition: Definition) -> Iterable[str]:
    return (name for node in ast.walk(definition) if isinstance(node, ast.Global) for name in node.names)


def _is_gen(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module in {"_gen", "imports"} and not node.level
