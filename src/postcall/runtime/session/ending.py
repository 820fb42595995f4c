"""After the conversation: the project's end function, apart from it."""

from __future__ import annotations

from postcall.domain.conversations import FunctionKind
from postcall.runtime.functions.running import Functions
from postcall.runtime.projects.model import Project
from postcall.runtime.protocol import FunctionDone
from postcall.runtime.session.applying import outgoing_message
from postcall.runtime.session.calling import call_function
from postcall.runtime.session.events import Journal
from postcall.runtime.session.host import Host
from postcall.runtime.session.limits import SessionLimits
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.session.turn import Setting, Turn
from postcall.runtime.session.working import begin
from postcall.runtime.texts.topics import TopicIndex


async def run_end_function(
    project: Project, functions: Functions, host: Host, snapshot: Snapshot, *, limit_s: float
) -> FunctionDone | None:
    """Run `end_function` on the conversation as it ended; None where the project has none.

    What it returns means nothing any more. It may write metrics, ask the model and send messages; what it asked of the
    conversation itself is without effect. A failure is in what is returned, and told to the host.
    """
    spec = project.functions.get("end_function")
    if spec is None or spec.kind is not FunctionKind.END:
        return None
    setting = Setting(project, functions, None, host, SessionLimits(), TopicIndex(()))
    turn = Turn(setting, snapshot, begin(snapshot), Journal(host, snapshot.turn), _say_nothing)
    done = await call_function(turn, spec, {}, by="end", limit_s=limit_s)
    for message in done.effects.messages:
        outgoing = outgoing_message(message)
        if outgoing is None:
            turn.journal.warn("conv", f"there is no way to send a {message.kind!r}", to=message.to)
        else:
            host.send(outgoing)
            turn.journal.sent(outgoing)
    return done


def _say_nothing(output: object) -> None:
    """Nobody listens any more."""
