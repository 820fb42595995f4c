"""What a function asks for through `conv` and `flow`, gathered until it has ended."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from postcall.runtime.protocol import AskedHandoff, Effects, Message, Moved


class Wishes:
    """The one thing about a conversation that changes while a function runs; `effects` is what came of it.

    Several threads may ask at once: single values are the last one's, and lists only grow, so nothing is lost.
    """

    def __init__(self) -> None:
        self.moved = Moved()
        self.say: str | None = None
        self.handoff: AskedHandoff | None = None
        self.messages: list[Message] = []
        self.variant: str | None = None
        self.language: str | None = None
        self.voice: dict[str, Any] | None = None
        self.asr_biasing: dict[str, Any] | None = None
        self.background_track: dict[str, Any] | None = None
        self.csat: dict[str, Any] = {}
        self.attachments: list[dict[str, Any]] = []
        self.response_suggestions: tuple[str, ...] | None = None
        self.disabled_topics: tuple[str, ...] | None = None
        self.discard_recording = False
        self.external_events: list[dict[str, Any]] = []
        self.api_responses: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def goto_flow(self, flow: str, step: str | None = None) -> None:
        """Enter a flow; the last wish to move counts, also after a wish to leave."""
        self.moved = Moved(goto_flow=flow, goto_step=step)

    def goto_step(self, step: str, label: str | None = None) -> None:
        """Go to a step of the current flow."""
        self.moved = Moved(goto_step=step, label=label)

    def exit_flow(self) -> None:
        """Leave the flow."""
        self.moved = Moved(exit_flow=True)

    def note(self, text: str) -> None:
        """Something could not be done as asked, and its author should see it."""
        self.notes.append(text)

    def effects(self) -> Effects:
        """As it stands, to be sent; what hangs on `conv` itself is added by `Conversation`."""
        return Effects(
            moved=self.moved,
            say=self.say,
            handoff=self.handoff,
            messages=tuple(self.messages),
            variant=self.variant,
            language=self.language,
            voice=self.voice,
            asr_biasing=self.asr_biasing,
            background_track=self.background_track,
            csat=self.csat,
            attachments=tuple(self.attachments),
            response_suggestions=self.response_suggestions,
            disabled_topics=self.disabled_topics,
            discard_recording=self.discard_recording,
            external_events=tuple(self.external_events),
            api_responses=tuple(self.api_responses),
            notes=tuple(self.notes),
        )


def moved_by(transition: dict[str, Any], queued: Moved) -> Moved:
    """Where a returned `transition` leads; what it does not mention leaves the queued wish as it is.

    Raises ValueError for names that are no texts.
    """
    flow, step = transition.get("goto_flow"), transition.get("goto_step")
    for name, value in (("goto_flow", flow), ("goto_step", step)):
        if value is not None and not isinstance(value, str):
            raise ValueError(f"transition: {name} is a {type(value).__name__}, not a name")
    if flow:
        return Moved(goto_flow=flow, goto_step=step or None)
    if step:
        # With a flow that was queued by a call, the step is one of that flow.
        return replace(queued, goto_step=step, exit_flow=False) if queued.goto_flow else Moved(goto_step=step)
    if transition.get("exit_flow"):
        return Moved(exit_flow=True)
    return queued
