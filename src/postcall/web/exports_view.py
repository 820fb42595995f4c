"""Exports as pages show them, and what their form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote

from postcall.domain.agents import Agent
from postcall.domain.exports import OPEN, Export, ExportFile, ExportFormat, ExportState, ExportWanted
from postcall.errors import BadInput
from postcall.web import words
from postcall.web.form_fields import read_moment_field
from postcall.web.tones import Badge, Tone

EXPORTS = "/exports"
MANIFEST = "manifest.json"
STATES = {
    ExportState.QUEUED: Badge("waiting", Tone.WAITING),
    ExportState.RUNNING: Badge("being made", Tone.WAITING),
    ExportState.FINISHED: Badge("finished", Tone.GOOD),
    ExportState.FAILED: Badge("failed", Tone.BAD),
    ExportState.CANCELLED: Badge("cancelled", Tone.QUIET),
    ExportState.EXPIRED: Badge("files gone", Tone.QUIET),
}
FORMATS = {
    ExportFormat.CSV: ("CSV", "for spreadsheets; no cell can start a formula"),
    ExportFormat.PARQUET: ("Parquet", "for DuckDB, pandas and data warehouses; one typed column per metric"),
    ExportFormat.JSONL: ("JSON lines", "for programs; one object a line"),
}
_TABLES = {
    "calls": "a row per call, a column per metric and answer",
    "answers": "a row per answer, with its evidence",
    "metric_writes": "a row per write of a metric",
    "turns": "a row per turn",
    "deleted": "calls of earlier exports that are gone",
}
_KILO = 1000
_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file."""

    name: str
    href: str
    holds: str
    rows: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export in the list."""

    id: str
    href: str
    title: str
    badge: Badge
    what: str
    """Which calls."""
    calls: str
    size: str
    made: str
    made_iso: str
    by: str
    error: str


@dataclass(frozen=True, slots=True)
class ExportView:
    """One export by itself."""

    row: ExportRow
    done: int
    total: int | None
    progress: str
    """`120 of about 500 calls`."""
    busy: bool
    files: tuple[FileRow, ...]
    """What can be downloaded."""
    manifest_href: str
    """Empty where there is nothing to download."""
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    after_href: str
    """The export that this one goes on from; empty where there is none."""
    may_go_on: bool
    """An incremental one can begin where it ended."""


@dataclass(frozen=True, slots=True)
class ExportForm:
    """What the form's fields begin with."""

    format: str = ExportFormat.CSV.value
    agents: frozenset[str] = frozenset()
    """Slugs; empty: all."""
    since: str = ""
    until: str = ""
    transcripts: bool = False


def show_export_row(export: Export) -> ExportRow:
    """One of the list."""
    manifest = export.manifest
    return ExportRow(
        id=export.id,
        href=f"{EXPORTS}/{export.id}",
        title=f"{FORMATS[export.wanted.format][0]}, {words.moment(export.created_at)}",
        badge=STATES[export.state],
        what=_what(export.wanted),
        calls=words.count(manifest.calls, "call") if manifest else "",
        size=size(sum(each.bytes for each in manifest.files)) if manifest else "",
        made=words.moment(export.created_at),
        made_iso=export.created_at.isoformat(),
        by=words.visible(export.created_by or ""),
        error=words.visible(export.error or ""),
    )


def show_export(export: Export) -> ExportView:
    """One by itself, with its files."""
    there, manifest = export.state is ExportState.FINISHED, export.manifest
    after = export.wanted.after
    return ExportView(
        row=show_export_row(export),
        done=export.calls_done,
        total=export.calls_total,
        progress=_progress(export),
        busy=export.state in OPEN,
        files=tuple(_file(export.id, each) for each in manifest.files) if manifest and there else (),
        manifest_href=file_path(export.id, MANIFEST) if there else "",
        facts=_facts(export),
        notes=tuple(map(words.visible, manifest.notes)) if manifest else (),
        after_href=f"{EXPORTS}/{after}" if after else "",
        may_go_on=there,
    )


def file_path(export_id: str, name: str) -> str:
    """Where a file is downloaded."""
    return f"{EXPORTS}/{export_id}/files/{quote(name, safe='')}"


def size(number: int) -> str:
    """`512 bytes`, `1.5 MB`."""
    if number < _KILO:
        return words.count(number, "byte")
    power = min((len(str(number)) - 1) // 3, len(_UNITS))
    return f"{number / _KILO**power:.1f} {_UNITS[power - 1]}"


def read_export_form(pairs: Sequence[tuple[str, str]]) -> ExportForm:
    """What was filled in, right or wrong."""
    fields = dict(pairs)
    return ExportForm(
        format=fields.get("format", ""),
        agents=frozenset(value for name, value in pairs if name == "agent"),
        since=fields.get("since", "").strip(),
        until=fields.get("until", "").strip(),
        transcripts=fields.get("transcripts") == "yes",
    )


def wanted_in(form: ExportForm) -> ExportWanted:
    """What is asked for; BadInput names the field."""
    try:
        chosen = ExportFormat(form.format)
    except ValueError:
        raise BadInput(f"format: there is {', '.join(ExportFormat)}", field="format") from None
    return ExportWanted(
        format=chosen,
        agents=tuple(sorted(form.agents)),
        since=read_moment_field(form.since, "since"),
        until=read_moment_field(form.until, "until"),
        transcripts=form.transcripts,
    )


def format_choices(form: ExportForm) -> tuple[Mapping[str, object], ...]:
    """The formats, the one of the form chosen."""
    return tuple(
        {"value": each.value, "name": name, "hint": hint, "chosen": each.value == form.format}
        for each, (name, hint) in FORMATS.items()
    )


def agent_choices(form: ExportForm, agents: Sequence[Agent]) -> tuple[Mapping[str, object], ...]:
    """The agents, those of the form chosen."""
    return tuple(
        {"value": each.slug, "name": words.visible(each.name), "chosen": each.slug in form.agents} for each in agents
    )


def _what(wanted: ExportWanted) -> str:
    agents = ", ".join(map(words.visible, wanted.agents)) or "all agents"
    span = [
        f"{word} {words.moment(at.astimezone(UTC))}"
        for word, at in (("from", wanted.since), ("until", wanted.until))
        if at is not None
    ]
    more = ["with transcripts"] if wanted.transcripts else []
    again = ["only what changed"] if wanted.after else []
    return "; ".join([agents, *([" ".join(span)] if span else []), *more, *again])


def _progress(export: Export) -> str:
    if export.state is ExportState.QUEUED or export.calls_total is None:
        return "waiting for a worker" if export.state is ExportState.QUEUED else "beginning"
    return f"{export.calls_done:,} of about {words.count(export.calls_total, 'call')}"


def _facts(export: Export) -> tuple[tuple[str, str], ...]:
    facts = [("Calls", _what(export.wanted)), ("Asked for (UTC)", words.moment(export.created_at))]
    if export.created_by:
        facts.append(("By", words.visible(export.created_by)))
    if (manifest := export.manifest) is not None:
        facts.append(("The record as of (UTC)", f"{words.moment(manifest.as_of)}:{manifest.as_of:%S}"))
        facts.append(("In it", words.count(manifest.calls, "call")))
        if export.wanted.after:
            facts.append(("Gone since", words.count(manifest.deleted, "call")))
    if export.expires_at is not None:
        gone = export.state is ExportState.EXPIRED
        facts.append(
            ("Files thrown away (UTC)" if gone else "Files are kept until (UTC)", words.moment(export.expires_at))
        )
    return tuple(facts)


def _file(export_id: str, file: ExportFile) -> FileRow:
    return FileRow(
        name=words.visible(file.name),
        href=file_path(export_id, file.name),
        holds=_TABLES.get(file.table, words.visible(file.table)),
        rows=f"{file.rows:,}",
        size=size(file.bytes),
        sha256=file.sha256,
    )
