"""What differs between two configurations, section by section, and what two editors changed at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from postcall.api.atoms.config import SECTIONS, merge_config, sectioned_config
from postcall.api.atoms.errors import AtomsError
from postcall.domain.agents import VersionConfig

Suffices: TypeAlias = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is different."""

    path: str
    """Names with dots between them, from the section down to what is no object."""
    before: Any
    """None where it was not set."""
    after: Any


def diff_sections(before: VersionConfig, after: VersionConfig) -> dict[str, tuple[Change, ...]]:
    """What leads from one to the other, for every section; nothing where it is the same."""
    ours, theirs = sectioned_config(before), sectioned_config(after)
    return {section: tuple(_changes("", ours[section], theirs[section])) for section in SECTIONS}


def diff_json(before: VersionConfig, after: VersionConfig) -> dict[str, Any]:
    """The same, as versions are compared."""
    diff = diff_sections(before, after)
    return {
        "unchangedSections": [section for section, changes in diff.items() if not changes],
        "diffs": [changes_json(section, changes) for section, changes in diff.items() if changes],
    }


def beside_json(before: VersionConfig, after: VersionConfig) -> dict[str, Any]:
    """The same, as a draft is compared: each section whole, as it was and as it is."""
    ours, theirs = sectioned_config(before), sectioned_config(after)
    sections = {
        section: {"before": ours[section], "after": theirs[section], "changed": ours[section] != theirs[section]}
        for section in SECTIONS
    }
    return {"sections": sections, "hasChanges": any(each["changed"] for each in sections.values())}


def changes_json(section: str, changes: tuple[Change, ...]) -> dict[str, Any]:
    """What changed in one section."""
    return {
        "section": section,
        "changes": [{"path": each.path, "oldValue": each.before, "newValue": each.after} for each in changes],
    }


@dataclass(frozen=True, slots=True)
class Rebased:
    """A patch that was made of an older state, made to the latest one."""

    config: VersionConfig
    warnings: tuple[str, ...]
    clashes: dict[str, tuple[Change, ...]]
    """What others changed in between and this would undo, by section; empty where all of it stands."""


def rebase_patch(base: VersionConfig, latest: VersionConfig, patch: Mapping[str, Any]) -> Rebased:
    """Make a patch of `base` to `latest`.

    What the patch says as `base` says it already is no change: whoever sends a whole form does not mean to undo what
    others changed in it.
    """
    merged = merge_config(latest, without_known(patch, base))
    undone = diff_sections(latest, merged.config)
    found = {
        section: tuple(each for each in changes if any(_overlap(each.path, ours.path) for ours in undone[section]))
        for section, changes in diff_sections(base, latest).items()
    }
    return Rebased(merged.config, merged.warnings, {section: each for section, each in found.items() if each})


def without_known(patch: Mapping[str, Any], base: VersionConfig) -> dict[str, Any]:
    """The smallest part of a patch that does to `base`, as it is shown, what all of it does."""
    wanted = sectioned_config(merge_config(base, patch).config)

    def suffices(part: dict[str, Any]) -> bool:
        try:
            return sectioned_config(merge_config(base, part).config) == wanted
        except AtomsError:  # half of what must be said together
            return False

    return _smallest(dict(patch), suffices)


def _smallest(part: dict[str, Any], suffices: Suffices) -> dict[str, Any]:
    for name in list(part):
        without = {other: value for other, value in part.items() if other != name}
        if suffices(without):
            part = without
        elif isinstance(part[name], dict):
            part = {**part, name: _smallest(part[name], _inside(part, name, suffices))}
    return part


def _inside(part: dict[str, Any], name: str, suffices: Suffices) -> Suffices:
    return lambda inner: suffices({**part, name: inner})


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    ours, theirs = _fields(before, beside=after), _fields(after, beside=before)
    if ours is not None and theirs is not None:
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            yield from _changes(f"{path}.{name}" if path else name, ours.get(name), theirs.get(name))
    elif before != after:
        yield Change(path, before, after)


def _fields(value: Any, *, beside: Any) -> dict[str, Any] | None:
    """The fields of an object, none where it is not there yet and has fields on the other side; None of all else."""
    if isinstance(value, dict):
        return value if value or isinstance(beside, dict) else None
    return {} if value is None and isinstance(beside, dict) and beside else None


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
