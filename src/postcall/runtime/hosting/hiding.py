"""What goes out to a channel, without the secrets that functions have read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

from postcall.domain.calls import Handoff
from postcall.domain.conversations import Outgoing
from postcall.runtime.redaction import Redactor
from postcall.runtime.session.outputs import Ended, Filler, Listening, Output, Said, Saying

T = TypeVar("T")


def hide_in_output(output: Output, redactor: Redactor) -> Output:
    """The same to say. A function's words are one piece; those of the model come in many, but it has read no secret."""
    match output:
        case Saying() | Said() | Filler():
            return replace(output, text=redactor.text(output.text))
        case Listening():
            return replace(
                output,
                settings=_hide(output.settings, redactor),
                attachments=tuple(_hide(each, redactor) for each in output.attachments),
                suggestions=tuple(redactor.text(each) for each in output.suggestions),
                call_actions=tuple(_hide(each, redactor) for each in output.call_actions),
            )
        case Ended(handoff=Handoff() as handoff):
            reason = None if handoff.reason is None else redactor.text(handoff.reason)
            return replace(output, handoff=Handoff(redactor.text(handoff.destination), reason))
        case Ended():
            return output


def hide_in_message(outgoing: Outgoing, redactor: Redactor) -> Outgoing:
    """The same to send: who looks into the outbox reads it as well."""
    return replace(outgoing, to=redactor.text(outgoing.to), content=_hide(outgoing.content, redactor))


def _hide(content: T, redactor: Redactor) -> T:
    return cast(T, redactor.json(cast(Any, content)))  # redacting keeps the shape
