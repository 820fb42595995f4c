"""Commands that run postcall."""

from __future__ import annotations

from typing import Annotated

import typer

from postcall.cli.opening import DataOption, opened, settings_for
from postcall.services import Services

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")]
NoWorkerOption = Annotated[bool, typer.Option("--no-worker", help="Leave the extraction to `postcall worker`.")]


def add_commands(app: typer.Typer) -> None:
    """serve, worker, demo."""
    app.command("serve")(serve)
    app.command("worker")(worker)
    app.command("demo")(demo)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    data: DataOption = None,
    no_worker: NoWorkerOption = False,
) -> None:
    """Serve the pages and interfaces, with a worker beside them."""
    from postcall import serving

    serving.serve(settings_for(data), host=host, port=port, with_worker=not no_worker, say=_say)


def worker(data: DataOption = None) -> None:
    """Extract calls; any number of workers may run beside a server on the same record."""
    from postcall.working import run_worker

    with opened(data) as (services, _):
        model = services.settings.model
        asked = f"{model.model} at {model.base_url}" if model else "built-in, without a model"
        _say(f"worker     running; Ctrl-C ends it\nAnalyser   {asked}")
        run_worker(services)


def demo(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    data: DataOption = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the sample calls away again.")] = False,
) -> None:
    """Serve with 1,500 sample calls of an invented dental clinic, analysed while you watch."""
    from postcall import serving
    from postcall.samples import load_samples, remove_samples

    if remove:
        with opened(data) as (services, _):
            removed = remove_samples(services.record, now=services.clock())
            _say(f"{removed:,} sample calls removed; `postcall serve` runs without them")
        return

    def load(services: Services) -> None:
        load_samples(services.record, now=services.clock())

    serving.serve(settings_for(data), host=host, port=port, with_worker=True, say=_say, meanwhile=load)


def _say(line: str) -> None:
    typer.echo(line)
