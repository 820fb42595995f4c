"""Commands over an agent's versions and drafts."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postcall.cli.auditing import note
from postcall.cli.configuring import agents
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.configure.comparing import diff_versions
from postcall.configure.diffing import ConfigDiff, QuestionChange
from postcall.domain.audit import Action
from postcall.storage.agents import activate_version, find_agent, find_agent_row, list_versions
from postcall.storage.drafts import list_drafts

_NUMBER = typer.Argument(min=1, max=2**31 - 1)


def add_commands(_: typer.Typer) -> None:
    """agents versions, activate, drafts, diff."""
    agents.command("versions")(show_versions)
    agents.command("activate")(make_active)
    agents.command("drafts")(show_drafts)
    agents.command("diff")(show_diff)


def show_versions(agent: str, data: DataOption = None) -> None:
    """Every version of an agent, the newest first."""
    with opened(data, to_read=True) as (services, account_pk):
        active = services.record.read(lambda c: find_agent(c, account_pk, agent)).active_version
        found = services.record.read(lambda c: list_versions(c, find_agent_row(c, account_pk, agent).pk))
    table = Table("version", "label", "published (UTC)", "by", "questions", "")
    for version in found:
        table.add_row(
            str(version.number),
            plain(version.label or ""),
            f"{version.created_at:%Y-%m-%d %H:%M}",
            plain(version.created_by or ""),
            str(len(version.config.questions)),
            "active" if version.number == active else "",
        )
    Console().print(table)


def make_active(agent: str, number: Annotated[int, _NUMBER], data: DataOption = None) -> None:
    """Ask this version of every call from now on; with an older version, roll back."""
    with opened(data) as (services, account_pk):
        before = services.record.read(lambda c: find_agent(c, account_pk, agent)).active_version
        services.record.write(lambda c: activate_version(c, account_pk, agent, number, now=services.clock()))
        note(services, account_pk, Action.CHANGED, "version", str(number), "postcall agents activate", agent=agent)
    was = "already was" if before == number else f"before, {before} was"
    typer.echo(f"{safe(agent)}: version {number} is active; {was}")


def show_drafts(agent: str, data: DataOption = None) -> None:
    """The drafts of an agent, the last saved first."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(lambda c: list_drafts(c, account_pk, agent))
    if not found:
        typer.echo(f"{safe(agent)} has no drafts.")
        return
    table = Table("draft", "id", "from version", "revision", "saved (UTC)", "by")
    for draft in found:
        table.add_row(
            plain(draft.name),
            draft.id,
            str(draft.base_version),
            str(draft.revision),
            f"{draft.updated_at:%Y-%m-%d %H:%M}",
            plain(draft.updated_by or ""),
        )
    Console().print(table)


def show_diff(
    agent: str, before: Annotated[int, _NUMBER], after: Annotated[int, _NUMBER], data: DataOption = None
) -> None:
    """What leads from one version to another, a line for each change."""
    with opened(data, to_read=True) as (services, account_pk):
        diff = services.record.read(lambda c: diff_versions(c, account_pk, agent, before, after))
    for line in diff_lines(diff):
        typer.echo(safe(line))


def diff_lines(diff: ConfigDiff) -> list[str]:
    """The changes as lines; `-` stands before what was, `+` before what is."""
    if not diff:
        return ["They ask the same."]
    lines: list[str] = []
    for change in diff.questions:
        lines += _question_lines(change)
    for each in diff.settings:
        lines += [each.name, f"  - {each.before}", f"  + {each.after}"]
    return lines


def _question_lines(change: QuestionChange) -> list[str]:
    parts = f" ({', '.join(change.parts)})" if change.parts else ""
    lines = [f"{change.identifier}: {change.kind}{parts}"]
    if change.moved and change.place_before is not None and change.place_after is not None:
        lines.append(f"  from place {change.place_before + 1} to {change.place_after + 1}")
    for sign, question, other in (("-", change.before, change.after), ("+", change.after, change.before)):
        if question is None:
            continue
        if other is None or question.prompt != other.prompt:
            lines.append(f"  {sign} {question.prompt}")
        if other is None or (question.type, question.choices) != (other.type, other.choices):
            lines.append(f"  {sign} {' '.join([question.type, ', '.join(question.choices)]).strip()}")
    return lines
