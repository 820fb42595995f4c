"""Bringing a draft up to date with what was published since it began."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.configure.diffing import ConfigDiff, apply_diff, diff_configs
from postcall.domain.agents import VersionConfig


@dataclass(frozen=True, slots=True)
class Rebased:
    """A draft's own changes, made to a newer version than the one it began as."""

    config: VersionConfig
    clashes: tuple[str, ...]
    """Identifiers of questions, and names of settings, that both have changed and not alike; the draft's way is in
    `config`."""


def rebase(base: VersionConfig, draft: VersionConfig, newer: VersionConfig) -> Rebased:
    """What was done to `base` in the draft, done to `newer` instead."""
    ours, theirs = diff_configs(base, draft), diff_configs(base, newer)
    return Rebased(config=apply_diff(ours, newer), clashes=tuple(_clashes(ours, theirs)))


def _clashes(ours: ConfigDiff, theirs: ConfigDiff) -> list[str]:
    questions = {change.identifier: change.after for change in theirs.questions}
    settings = {change.name: change.after for change in theirs.settings}
    return [
        *(
            each.identifier
            for each in ours.questions
            if each.identifier in questions and each.after != questions[each.identifier]
        ),
        *(each.name for each in ours.settings if each.name in settings and each.after != settings[each.name]),
    ]
