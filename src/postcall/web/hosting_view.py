"""Whether postcall takes an agent's calls itself, and which of its functions failed in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from postcall.domain.agents import Agent, Version
from postcall.storage.call_events import FailedFunctions
from postcall.web import words
from postcall.web.diff_view import show_project
from postcall.web.versions_view import agent_path, project_path


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A function that failed."""

    name: str
    times: str
    when: str
    when_iso: str
    call: str
    """The address of the latest call in which it did."""


@dataclass(frozen=True, slots=True)
class HostingView:
    """What an agent's page says about hosting."""

    project: str | None
    """The address of the active version's project; None where it has none."""
    digest: str
    problems: str
    """`2 problems`; empty where there are none."""
    chat: str
    failed: tuple[FailedRow, ...]


def show_hosting(agent: Agent, active: Version, *, problems: int, failed: Sequence[FailedFunctions]) -> HostingView:
    """The active version's project, and what failed in the last days under any version."""
    return HostingView(
        project=project_path(agent, active),
        digest=show_project(active.config.project) if active.config.project else "",
        problems=words.count(problems, "problem") if problems else "",
        chat=agent_path(agent.slug, "chat"),
        failed=tuple(_failed(each) for each in failed),
    )


def hosting_json(active: Version, *, problems: int, failed: Sequence[FailedFunctions]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "hosted": active.config.project is not None,
        "project": active.config.project,
        "problems": problems,
        "failed_functions": [
            {"name": each.name, "times": each.times, "last_at": each.last_at, "last_call": each.last_call}
            for each in failed
        ],
    }


def _failed(each: FailedFunctions) -> FailedRow:
    return FailedRow(
        name=words.visible(each.name),
        times=words.count(each.times, "time"),
        when=words.moment(each.last_at),
        when_iso=each.last_at.isoformat(),
        call=f"/calls/{quote(each.last_call, safe='')}#behind",
    )
