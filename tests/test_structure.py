"""How the code is arranged: in the order of a call, in modules to be read in one sitting, without another host."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "postcall"
STAGES = (
    "domain",
    "storage",
    "services",
    "jobs",
    "llm",
    "configure",
    "runtime",
    "intake",
    "extraction",
    "evaluation",
    "reporting",
    "semantic",
    "exporting",
    "analyst",
    "notify",
    "outbound",
    "api",
    "web",
)
BELOW_ALL = {"errors", "settings", "endpoint_settings"}
BELOW = {"errors": {""}, "endpoint_settings": {"", "errors"}, "settings": {"", "errors", "endpoint_settings"}}
BESIDE = {"demo", "testing"}
"""They use the vocabulary and are used only from above."""
ABOVE_ALL = {"app", "cli", "serving", "working", "hosts", "samples", "data_folder", "__main__"}
MODULES = sorted(SOURCE.rglob("*.py"))
PARTS = {file.stem for file in SOURCE.iterdir() if file.suffix == ".py" or (file / "__init__.py").exists()}
LONGEST = 400


def part_of(module: str) -> str:
    """`postcall.storage.calls` → `storage`; the package itself → ``."""
    part = module.split(".")[1] if "." in module else ""
    return part if part in PARTS else ""


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every module of ours that a file imports, also those inside functions."""
    package = module_name(file).split(".")
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = package if file.name == "__init__.py" else package[:-1]
                base = ".".join([*here[: len(here) - node.level + 1], *([base] if base else [])])
            if base == "postcall":
                yield from ((node.lineno, f"postcall.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, base


def may_import(importer: str, imported: str) -> bool:
    """Whether code of one part may use another part."""
    if imported in {"", importer} | BELOW_ALL:
        return importer not in BELOW_ALL or imported == importer or imported in BELOW[importer]
    if importer in BELOW_ALL:
        return False
    if importer in ABOVE_ALL:
        return True
    if importer in BESIDE:
        return imported == "domain"
    if imported in ABOVE_ALL | BESIDE or imported not in STAGES:
        return False
    return STAGES.index(imported) < STAGES.index(importer)


def test_every_part_has_its_place() -> None:
    parts = {part_of(module_name(file)) for file in MODULES} - {""}
    assert parts <= {*STAGES, *BELOW_ALL, *BESIDE, *ABOVE_ALL}
    assert {"domain", "storage", "jobs", "llm", "intake", "extraction", "api", "web", "demo", "testing"} <= parts


def test_a_stage_uses_only_the_stages_before_it() -> None:
    wrong = [
        f"{file.relative_to(SOURCE)}:{line} imports {imported}"
        for file in MODULES
        for line, imported in imports_of(file)
        if imported.split(".")[0] == "postcall" and not may_import(part_of(module_name(file)), part_of(imported))
    ]
    assert wrong == []


def test_the_rule_itself_can_tell() -> None:
    assert may_import("storage", "domain")
    assert may_import("api", "extraction")
    assert may_import("app", "web")
    assert not may_import("domain", "storage")
    assert not may_import("intake", "extraction")
    assert not may_import("extraction", "testing")
    assert not may_import("api", "serving")
    assert not may_import("errors", "domain")


@pytest.mark.parametrize("part", ["domain", "errors", "settings"])
def test_the_vocabulary_does_no_input_or_output(part: str) -> None:
    heavy = {
        "sqlalchemy",
        "fastapi",
        "starlette",
        "httpx",
        "openai",
        "uvicorn",
        "typer",
        "asyncio",
        "socket",
        "subprocess",
    }
    wrong = [
        f"{file.relative_to(SOURCE)}:{line} imports {imported}"
        for file in MODULES
        if part_of(module_name(file)) == part
        for line, imported in imports_of(file)
        if imported.split(".")[0] in heavy
    ]
    assert wrong == []


def test_sql_is_only_in_storage_and_reporting() -> None:
    wrong = [
        f"{file.relative_to(SOURCE)}:{line} imports {imported}"
        for file in MODULES
        if part_of(module_name(file)) not in {"storage", "reporting"}
        for line, imported in imports_of(file)
        if imported == "sqlalchemy"
    ]
    assert wrong == []


def test_a_module_can_be_read_in_one_sitting() -> None:
    lengths = {str(file.relative_to(SOURCE)): len(file.read_text().splitlines()) for file in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


ADDRESS = re.compile(r"""(?:https?:)?//(?P<host>[A-Za-z0-9.\-\[\]]+\.[A-Za-z]{2,}|\d+\.\d+\.\d+\.\d+)""")
NAMESPACES = ("http://www.w3.org",)
"""Names of vocabularies, which nobody fetches."""
TEXTS = [
    file
    for file in sorted(SOURCE.rglob("*"))
    if file.suffix in {".py", ".html", ".css", ".js", ".json", ".toml", ".txt", ".svg"} and "vendor" not in file.parts
]


def test_nothing_names_another_host() -> None:
    """What is not named cannot be asked: pages and code work without any network."""
    found = [
        f"{file.relative_to(SOURCE)}: {match[0]}"
        for file in TEXTS
        for match in ADDRESS.finditer(file.read_text())
        if match["host"] != "127.0.0.1" and not match[0].startswith(NAMESPACES)
    ]
    assert found == []


def test_no_error_is_swallowed() -> None:
    """Catching everything and doing nothing loses rows without a word."""
    silent = [
        f"{file.relative_to(SOURCE)}:{handler.lineno}"
        for file in MODULES
        for handler in ast.walk(ast.parse(file.read_text()))
        if isinstance(handler, ast.ExceptHandler)
        and (handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id.endswith("Exception")))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)
    ]
    assert silent == []
