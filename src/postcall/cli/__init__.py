"""The command line."""

from __future__ import annotations

import sys

import typer

from postcall.cli import (
    configuring,
    evaluating,
    learning,
    looking,
    metrics,
    people,
    questions,
    reports,
    running,
    versions,
)
from postcall.errors import PostcallError

app = typer.Typer(
    help="postcall: post-call reporting for voice agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
running.add_commands(app)
configuring.add_commands(app)
metrics.add_commands()
versions.add_commands()
looking.add_commands(app)
evaluating.add_commands(app)
learning.add_commands(app)
questions.add_commands(app)
people.add_commands(app)
reports.add_commands(app)


def main() -> None:
    """Run a command; an error that was foreseen is one line, and exit code 1."""
    try:
        app()
    except PostcallError as error:
        sys.stderr.write(f"postcall: {error.message}\n")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
