"""The command line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer

from postcall.errors import PostcallError

_PARTS = {
    "running": ("serve", "worker", "demo"),
    "chatting": ("chat",),
    "configuring": ("agents", "metrics"),
    "keys": ("keys",),
    "audit": ("audit",),
    "metrics": ("metrics",),
    "versions": ("agents",),
    "projects": ("agents",),
    "looking": ("import", "calls", "show", "extract"),
    "evaluating": ("evaluate",),
    "learning": ("learn",),
    "questions": ("questions",),
    "real_time": ("agents",),
    "secrets": ("secrets",),
    "do_not_call": ("do-not-call",),
    "people": ("users",),
    "reports": ("query", "reports"),
    "asking_words": ("ask",),
    "webhooks": ("webhooks",),
    "webhook_making": ("webhooks",),
    "exporting": ("export",),
}
"""The modules that hold the commands. One command's modules are imported for it: all together take over a second."""

app: typer.Typer
"""Every command; made when it is asked for."""


def make_app(command: str | None = None) -> typer.Typer:
    """The commands; with the name of one, no more than its modules hold."""
    made = typer.Typer(
        help="postcall: post-call reporting for voice agents.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    made.callback()(_hold_commands)
    known = any(command in commands for commands in _PARTS.values())
    for part, commands in _PARTS.items():
        if not known or command in commands:
            import_module(f"postcall.cli.{part}").add_commands(made)
    return made


def _hold_commands() -> None:
    """postcall: post-call reporting for voice agents."""


def __getattr__(name: str) -> Any:
    if name == "app":
        return make_app()
    raise AttributeError(name)


def main() -> None:
    """Run a command; an error that was foreseen is one line, and exit code 1."""
    try:
        make_app(sys.argv[1] if len(sys.argv) > 1 else None)()
    except PostcallError as error:
        sys.stderr.write(f"postcall: {error.message}\n")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
