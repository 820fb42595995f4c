"""Commands about the real-time metrics that an agent's code writes; `metrics set`, about questions, is elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.api.metric_format import read_type, undeclared_names
from postcall.api.metric_yaml import read_metric_yaml, write_metric_yaml
from postcall.cli.auditing import note
from postcall.cli.configuring import metrics
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.configure.metric_findings import Finding
from postcall.configure.naming import lint_metrics
from postcall.domain.audit import Action
from postcall.domain.metrics import MetricDefinition
from postcall.errors import BadInput
from postcall.storage.metric_definitions import (
    NewMetric,
    define_metric,
    define_missing_metrics,
    foresee_import,
    list_metrics,
)
from postcall.storage.metric_writes import names_written

AgentOption = Annotated[str, typer.Option("--agent", help="The agent's slug or id.")]


def add_commands(_: typer.Typer) -> None:
    """metrics list, define, import, export, lint; beside `metrics set`, so after configuring's."""
    metrics.command("list")(show_metrics)
    metrics.command("define")(define)
    metrics.command("import")(import_definitions)
    metrics.command("export")(export_definitions)
    metrics.command("lint")(lint)


def show_metrics(agent: AgentOption, data: DataOption = None) -> None:
    """Every real-time metric of an agent, and the names that its calls carry without a definition."""
    defined, undeclared = _look(agent, data)
    if not defined and not undeclared:
        typer.echo(
            "No metric is defined, and no call carries one. `postcall metrics define NAME --agent …` defines one."
        )
        return
    table = Table("name", "type", "expected values", "definition", "state")
    for metric in defined:
        state = ("active" if metric.active else "retired") + ("" if metric.in_api else ", not in the API")
        values = ", ".join(metric.expected_values)
        table.add_row(plain(metric.name), metric.type, plain(values), plain(metric.definition), state)
    for name in undeclared:
        table.add_row(plain(name), "", "", "", Text("undeclared", style="italic"))
    Console().print(table)


def define(
    name: str,
    agent: AgentOption,
    type_: Annotated[str, typer.Option("--type", help="boolean, string, integer or float.")] = "boolean",
    definition: Annotated[str, typer.Option(help="What it says, and when it is written.")] = "",
    value: Annotated[list[str] | None, typer.Option(help="An expected value; may be given several times.")] = None,
    in_api: Annotated[bool, typer.Option("--api/--no-api", help="Whether interfaces show it.")] = True,
    data: DataOption = None,
) -> None:
    """Define a real-time metric."""
    metric = NewMetric(name, read_type(type_), tuple(value or ()), definition, in_api=in_api)
    with opened(data) as (services, account_pk):
        now = services.clock()
        defined = services.record.write(lambda c: define_metric(c, account_pk, agent, metric, now=now))
        known = services.record.read(lambda c: list_metrics(c, account_pk, agent))
        note(services, account_pk, Action.CHANGED, "metric", defined.name, "postcall metrics define", agent=agent)
    typer.echo(f"{safe(defined.name)} is defined")
    for finding in lint_metrics(known):
        if finding.name == defined.name:
            typer.echo(_told(finding))


def import_definitions(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML, as `metrics export` writes it.")],
    agent: AgentOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    data: DataOption = None,
) -> None:
    """Define what a file has and the agent has not; nothing is changed or removed."""
    try:
        read = read_metric_yaml(file.read_bytes())
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}", field=error.field) from None
    with opened(data) as (services, account_pk):
        now = services.clock()
        if dry_run:
            done = services.record.read(lambda c: foresee_import(c, account_pk, agent, read.metrics))
        else:
            done = services.record.write(lambda c: define_missing_metrics(c, account_pk, agent, read.metrics, now=now))
            note(services, account_pk, Action.CHANGED, "metrics", None, "postcall metrics import", agent=agent)
    for problem in read.problems:
        typer.echo(f"{file}:{problem.line}: {safe(problem.name)}: {safe(problem.problem)}", err=True)
    would = "would be " if dry_run else ""
    typer.echo(f"{len(done.created)} {would}defined, {len(done.ignored)} there already, {len(read.problems)} refused")
    if read.problems:
        raise typer.Exit(1)


def export_definitions(agent: AgentOption, data: DataOption = None) -> None:
    """Print every definition as YAML."""
    with opened(data, to_read=True) as (services, account_pk):
        defined = services.record.read(lambda c: list_metrics(c, account_pk, agent))
    sys.stdout.write(write_metric_yaml(defined))


def lint(agent: AgentOption, data: DataOption = None) -> None:
    """Say what could be better about names, definitions and expected values; exit code 1 where something could."""
    findings = lint_metrics(*_look(agent, data))
    for finding in findings:
        typer.echo(_told(finding))
    typer.echo(f"{len(findings)} remarks" if findings else "Nothing to remark.")
    if findings:
        raise typer.Exit(1)


def _look(agent: str, data: Path | None) -> tuple[list[MetricDefinition], list[str]]:
    """The definitions, and the undeclared names."""
    with opened(data, to_read=True) as (services, account_pk):
        defined, written = services.record.read(
            lambda c: (list_metrics(c, account_pk, agent), names_written(c, account_pk, agent))
        )
    return defined, undeclared_names(defined, written)


def _told(finding: Finding) -> str:
    fix = finding.fix
    better = []
    if fix is not None and fix.name is not None:
        better.append(f"write {fix.name}")
    if fix is not None and fix.definition is not None:
        better.append(f"say, for example: {fix.definition}")
    if fix is not None and fix.expected_values is not None:
        better.append(f"expect {', '.join(fix.expected_values)}")
    lines = [f"{finding.name}: {finding.problem}", f"    {finding.why}", *(f"    Better: {each}" for each in better)]
    return safe("\n".join(lines))
