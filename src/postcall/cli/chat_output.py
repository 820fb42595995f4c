"""What a conversation in the terminal looks like."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.cli.chat_events import describe, failure_in
from postcall.cli.showing import plain, safe
from postcall.domain.views import CallFile
from postcall.runtime.projects.model import Problem
from postcall.runtime.session.outputs import Ended, Filler, Listening, Output, Said, Saying
from postcall.storage.call_events import News

HELP = """\
/silence    say nothing for as long as the agent waits
/dtmf 123   press these keys
/state      show conv.state
/hangup     hang up; so do Ctrl-D and Ctrl-C
Every other line is what you say."""


class Screen:
    """Prints a conversation; `interactive` is whether somebody types at a terminal."""

    def __init__(self, console: Console, *, interactive: bool, show: bool) -> None:
        self._console = console
        self._interactive = interactive
        self._show = show
        self._begun = False
        """Pieces of an utterance stand on the line already."""

    def introduce(self, agent: str, version: int, problems: Sequence[Problem], *, has_model: bool) -> None:
        """Who is spoken to."""
        self.tell(f"{agent}, version {version}. /help lists the commands.")
        for problem in problems:
            self._say(f"warning: {problem}", "yellow")
        if not has_model:
            self._say(
                "warning: no model is configured (POSTCALL_LLM_BASE_URL), so the agent can only greet and apologise",
                "yellow",
            )

    def ask(self) -> None:
        """It is the user's turn."""
        if self._interactive:
            self._write("You: ", "bold cyan")

    def echo(self, line: str | None) -> None:
        """Show a line that came through a pipe; at a terminal it stands there already."""
        if line is None and self._interactive:
            self._write("\n", "")
        elif line is not None and not self._interactive and line.strip():
            self._say(f"You: {line.strip()}", "cyan")

    def tell(self, text: str) -> None:
        """Something that neither side says."""
        self._say(text, "dim")

    async def play(self, outputs: AsyncIterator[Output]) -> bool:
        """Print a turn as it comes; whether the conversation is over."""
        over = False
        async for output in outputs:
            match output:
                case Saying(text):
                    self._piece(text)
                case Said(text):
                    self._finish(text)
                case Filler(text):
                    self._finish("")
                    self._say(f"({text})", "dim italic")
                case Listening():
                    self._offer(output)
                case Ended():
                    over = True
                    self._end(output)
        self._finish("")
        return over

    def show_news(self, news: News) -> None:
        """What happened, in the order in which it did."""
        if not self._show:
            return
        written = [(each.at, f"metric {each.name} = {_json(each.value)}", "green") for each in news.metrics]
        happened = [
            (each.at, line, "red" if each.failed else "dim") for each in news.events if (line := describe(each))
        ]
        for _, line, style in sorted([*written, *happened], key=lambda each: each[0]):
            self._say(f"  · {line}", style)

    def show_state(self, state: Mapping[str, Any]) -> None:
        """`conv.state`, a name a line."""
        for name in sorted(state):
            self._say(f"  {name} = {_json(state[name])}", "dim")
        if not state:
            self.tell("  conv.state is empty")

    def sum_up(self, file: CallFile, news: News, *, address: str | None, data: Path | None = None) -> None:
        """The metrics of a call that is over, what failed, and where it is found; `data` as the command had it."""
        table = Table("metric", "value", "from", box=SIMPLE)
        for metric in file.metrics:
            values = ", ".join(_json(value) for value in metric.values) or _json(metric.value)
            table.add_row(plain(metric.name), plain(values), plain(metric.source))
        self._console.print(table)
        for event in news.events:
            if event.failed and (trace := failure_in(event)):
                self._say(trace, "red")
        option = f" --data {data}" if data is not None else ""
        where = f"{address}/calls/{file.call.id}" if address else f"postcall show{option} {file.call.id}"
        self.tell(f"call {file.call.id}: {where}")

    def _piece(self, text: str) -> None:
        if text and not self._begun:
            self._write("Agent: ", "bold")
            self._begun = True
        self._write(text, "")

    def _finish(self, whole: str) -> None:
        """End the line of an utterance, and print it where no pieces came."""
        if whole and not self._begun:
            self._piece(whole)
        if self._begun:
            self._write("\n", "")
        self._begun = False

    def _offer(self, listening: Listening) -> None:
        if listening.suggestions:
            self.tell("suggested: " + " | ".join(listening.suggestions))
        for attachment in listening.attachments:
            self.tell(f"attached: {_json(attachment)}")

    def _end(self, ended: Ended) -> None:
        self._finish("")
        passed_on = ""
        if ended.handoff is not None:
            reason = f" ({ended.handoff.reason})" if ended.handoff.reason else ""
            passed_on = f": to {ended.handoff.destination}{reason}"
        self.tell(f"[{ended.reason}{passed_on}]")

    def _say(self, line: str, style: str) -> None:
        self._console.print(Text(safe(line), style))

    def _write(self, text: str, style: str) -> None:
        self._console.print(Text(safe(text), style), end="")
        self._console.file.flush()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
