"""Every published name exists, with its parameters: their names, kinds, and which may be left out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postcall.runtime.conv.modules import star_names, supplied_modules

pytestmark = pytest.mark.shared
NEWER = {"details", "randomize"}
"""Parameters of ours that the older published signatures do not have; all may be left out."""
_KINDS = inspect.Parameter


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, Any]:
    modules: dict[str, Any] = json.loads((shared / "contracts" / "conv-interface.json").read_text())["modules"]
    return modules


def module_of(file: str) -> str:
    parts = file.removesuffix(".py").split("/")
    return ".".join(["_gen", *(part for part in parts if part != "__init__")])


def classes(published: dict[str, Any]) -> Iterator[tuple[str, type, dict[str, Any]]]:
    modules = supplied_modules()
    for file, content in published.items():
        for name, told in content["classes"].items():
            yield f"{file} {name}", getattr(modules[module_of(file)], name), told


def differences(where: str, ours: Any, told: dict[str, Any]) -> Iterator[str]:
    """How a callable of ours differs from the published one."""
    have = [one for one in inspect.signature(ours).parameters.values() if one.name not in ("self", "cls")]
    extra = {one.name for one in have} - {one["name"].lstrip("*") for one in told["parameters"]}
    if not extra <= NEWER or any(one.default is _KINDS.empty for one in have if one.name in extra):
        yield f"{where}: has {extra} besides"
    have = [one for one in have if one.name not in extra]
    if [one.name for one in have] != [one["name"].lstrip("*") for one in told["parameters"]]:
        yield f"{where}: {[one.name for one in have]}"
        return
    for ours_one, theirs in zip(have, told["parameters"], strict=True):
        if theirs["name"].startswith("*"):
            kind = _KINDS.VAR_KEYWORD if theirs["name"].startswith("**") else _KINDS.VAR_POSITIONAL
            if ours_one.kind is not kind:
                yield f"{where}: {ours_one.name} is {ours_one.kind}"
            continue
        wanted = _KINDS.KEYWORD_ONLY if theirs.get("keyword_only") else _KINDS.POSITIONAL_OR_KEYWORD
        if ours_one.kind is not wanted:
            yield f"{where}: {ours_one.name} is {ours_one.kind}"
        if (ours_one.default is _KINDS.empty) is not theirs["required"]:
            yield f"{where}: {ours_one.name} may {'' if theirs['required'] else 'not '}be left out"


def test_every_export_can_be_imported(published: dict[str, Any]) -> None:
    modules = supplied_modules()
    missing = [
        f"{module_of(file)}.{name}"
        for file, content in published.items()
        for name in content["exports"]
        if not hasattr(modules[module_of(file)], name)
    ]
    assert missing == []


def test_a_star_import_brings_every_export(published: dict[str, Any]) -> None:
    assert set(published["__init__.py"]["exports"]) <= set(star_names())


def test_classes_have_the_published_bases(published: dict[str, Any]) -> None:
    wrong = [
        f"{where}: {base}"
        for where, ours, told in classes(published)
        for base in told["bases"]
        if base.split(".")[-1] not in {one.__name__ for one in ours.__mro__}
    ]
    assert wrong == []


def test_methods_take_the_published_parameters(published: dict[str, Any]) -> None:
    checked = 0
    wrong: list[str] = []
    for where, ours, told in classes(published):
        for name, method in told.get("methods", {}).items():
            checked += 1
            if not hasattr(ours, name):
                wrong.append(f"{where}.{name} is missing")
                continue
            wrong += differences(f"{where}.{name}", getattr(ours, name), method)
    assert wrong == []
    assert checked > 150


def test_functions_take_the_published_parameters(published: dict[str, Any]) -> None:
    modules = supplied_modules()
    wrong = [
        difference
        for file, content in published.items()
        for name, told in content["functions"].items()
        for difference in differences(name, getattr(modules[module_of(file)], name), told)
    ]
    assert wrong == []


def test_properties_and_attributes_are_there(published: dict[str, Any]) -> None:
    wrong: list[str] = []
    for where, ours, told in classes(published):
        for name in told.get("properties", {}):
            if not isinstance(inspect.getattr_static(ours, name, None), property):
                wrong.append(f"{where}.{name} is no property")
        known = {name for one in ours.__mro__ for name in inspect.get_annotations(one)}
        wrong += [f"{where}.{name} is missing" for name in told.get("attributes", {}) if name not in known]
    assert wrong == []


def test_the_comparison_itself_can_tell() -> None:
    told = {"parameters": [{"name": "a", "required": True}, {"name": "b", "required": False, "keyword_only": True}]}
    assert list(differences("f", lambda a, *, b=1: (a, b), told)) == []
    for other in (
        lambda a, b=1: (a, b),
        lambda a, *, b: (a, b),
        lambda a=1, *, b=1: (a, b),
        lambda b, *, a=1: (a, b),
        lambda a, *, b=1, c=2: (a, b, c),
        lambda a: a,
    ):
        assert list(differences("f", other, told)) != []
