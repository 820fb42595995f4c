"""A Python file of a project, read without running it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.runtime.projects.fields import Files

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One module."""

    file: str
    text: str
    tree: ast.Module | None
    """None where it is no Python: a problem tells why."""

    @property
    def stem(self) -> str:
        """The file's name without its ending, which is its function's name."""
        return self.file.rpartition("/")[2].removesuffix(".py")

    @property
    def main(self) -> Definition | None:
        """The function named as the file is; of several the last, as Python has it."""
        if self.tree is None:
            return None
        found = [each for each in self.tree.body if isinstance(each, Definition) and each.name == self.stem]
        return found[-1] if found else None


def module_name(file: str) -> str:
    """As Python imports it: `functions/book.py` → `functions.book`."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def texts_in(node: ast.expr | None, constants: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The texts that an expression can only be, each with its line.

    A literal, either side of a choice, or a constant of the module; nothing for what is worked out at run time.
    """
    waiting = [node]
    while waiting:
        each = waiting.pop()
        match each:
            case ast.Constant(value=str() as text):
                yield text, each.lineno
            case ast.Name(id=name) if name in constants:
                yield constants[name], each.lineno
            case ast.IfExp():
                waiting += [each.orelse, each.body]
            case ast.BoolOp():
                waiting += reversed(each.values)


def text_constants(tree: ast.Module) -> dict[str, str]:
    """Names that the module sets to a text at its top, once and nowhere else."""
    found: dict[str, str] = {}
    stored = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    stored += [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)) if (
                stored.count(name) == 1
            ):
                found[name] = text
    return found


def read_source(files: Files, file: str) -> Source:
    """One Python file; that it is none is a problem."""
    text = files.text(file)
    if text is None:
        return Source(file, "", None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in somebody's text is no concern of ours
            return Source(file, text, ast.parse(text, file))
    except SyntaxError as error:
        files.problems.add(file, error.lineno or None, f"not Python: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        files.problems.add(file, None, f"not Python that can be read: {error or type(error).__name__}")
    return Source(file, text, None)
