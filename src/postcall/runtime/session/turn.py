"""One turn under way: the working copy, whom to tell, and what has been said so far. The deciding is elsewhere."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from postcall.domain.conversations import Outgoing
from postcall.llm.chat_shapes import ChatMessage, ChatModel
from postcall.runtime.functions.running import Functions
from postcall.runtime.projects.model import Flow, FunctionSpec, Project, Step, Topic
from postcall.runtime.protocol import Spoken
from postcall.runtime.session.events import Journal
from postcall.runtime.session.fallbacks import fallback
from postcall.runtime.session.host import Host
from postcall.runtime.session.limits import SessionLimits
from postcall.runtime.session.outputs import Output, Said, Saying
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.session.working import Working
from postcall.runtime.texts.experimental import Tuning, read_tuning
from postcall.runtime.texts.references import Rendered, Values, render
from postcall.runtime.texts.topics import TopicIndex


@dataclass(frozen=True, slots=True)
class Setting:
    """What all turns of a conversation share."""

    project: Project
    functions: Functions
    model: ChatModel | None
    host: Host
    limits: SessionLimits
    topics: TopicIndex


@dataclass
class Turn:
    """The state of one turn."""

    setting: Setting
    before: Snapshot
    working: Working
    journal: Journal
    emit: Callable[[Output], None]
    text: str = ""
    """What the user said, corrected."""
    alternatives: tuple[str, ...] = ()
    over: bool = False
    """Nothing more is to be said or run: the user's turn begins, or the conversation has ended."""
    ended_by: str = "agent"
    run_step: bool = True
    """A step was entered, or the turn begins in one: function steps run, default steps collect."""
    errors: int = 0
    """Functions that failed in this turn."""
    topics: tuple[Topic, ...] = ()
    """Found for this turn, and before it those of earlier turns that are still visible."""
    instructions: list[tuple[int, str]] = field(default_factory=list)
    """What the last turn, or a phrase filter, has to tell the model in this one, and after how many messages."""
    offered: tuple[FunctionSpec, ...] = ()
    """Functions that the newest result names, or a phrase filter asks for."""
    entity_errors: str | None = None
    """Why a value that the user gave cannot be taken."""
    outgoing: list[Outgoing] = field(default_factory=list)
    output_settings: dict[str, Any] = field(default_factory=dict)
    """What the channel is to know of how to speak, with the end of the turn."""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    suggestions: tuple[str, ...] = ()
    call_actions: tuple[dict[str, Any], ...] = ()
    interrupted: bool = False
    """The user speaks, or is gone: nothing more is to be said."""
    heard: str | None = None
    """What the user had heard of this turn when they began to speak; None: all of it, as far as anybody knows."""
    _scope: asyncio.Timeout | None = None
    _agent_entry: int | None = None
    _held: list[ChatMessage] | None = None
    _tuning: tuple[tuple[str | None, ...], Tuning] | None = None

    @property
    def project(self) -> Project:
        return self.setting.project

    @property
    def language(self) -> str:
        return self.working.language or self.project.default_language

    @property
    def flow(self) -> Flow | None:
        """The flow that the conversation is in; None also where this version of the agent has it no longer."""
        return self.project.flows.get(self.working.flow or "")

    @property
    def step(self) -> Step | None:
        """The step, where the model works on it; None in a function step."""
        return self.flow.steps.get(self.working.step or "") if self.flow is not None else None

    @property
    def function_step(self) -> FunctionSpec | None:
        """The function step that the conversation is in."""
        return self.flow.function_steps.get(self.working.step or "") if self.flow is not None else None

    @property
    def tuning(self) -> Tuning:
        """The experimental configuration as it holds at this moment of the conversation."""
        working, channel = self.working, self.before.channel_type
        at = (working.variant, working.flow, working.step, channel, self.language)
        if self._tuning is None or self._tuning[0] != at:
            tuning = read_tuning(
                self.project.experimental,
                variant=working.variant,
                flow=working.flow,
                step=working.step,
                channel=channel,
                language=self.language,
            )
            self._tuning = at, tuning
        return self._tuning[1]

    @property
    def variant_attributes(self) -> dict[str, Any]:
        """Those of the project with those that functions have set."""
        return self.project.variants.get(self.working.variant or "", {}) | self.working.variant_attributes

    def random(self) -> random.Random:
        """The same for the same turn, so that a turn that is taken again goes the same way."""
        return random.Random(f"{self.before.id}:{self.working.turn}")

    def values(self) -> Values:
        """What texts show of the conversation now."""
        working = self.working
        return Values(
            state_texts=working.texts,
            variant=self.variant_attributes,
            entities={name: entity.value for name, entity in working.entities.items() if entity.valid},
            translations=self.project.translations,
            language=self.language,
            default_language=self.project.default_language,
            channel=self.before.channel_type,
        )

    def render(self, text: str) -> Rendered:
        """A text of the project or of a function with everything in it resolved."""
        return render(text, self.values(), self.project, flow=self.working.flow)

    # Speaking.

    def speak(self, text: str) -> None:
        """Say a whole utterance. Nothing where there is nothing to say, or the user is speaking."""
        if text.strip() and not self.interrupted:
            self.emit(Saying(text))
            self.said(text)

    def said(self, text: str, *, known: bool = False) -> None:
        """The pieces of an utterance are out. `known`: the model's messages have it already."""
        self.emit(Said(text))
        history = self.working.history
        if self._agent_entry is None:
            self._agent_entry = len(history)
            history.append(Spoken("agent", text))
        else:
            history[self._agent_entry] = Spoken("agent", f"{history[self._agent_entry].text} {text}")
        if not known:
            self.tell(ChatMessage("assistant", text))

    @property
    def has_spoken(self) -> bool:
        return self._agent_entry is not None

    def apologise(self) -> None:
        """Nothing else can be said: the fallback, and the turn is over."""
        self.speak(fallback(self.language))
        self.over = True

    # What the model is told.

    def tell(self, message: ChatMessage) -> None:
        """Add to what the model has seen, after the answers to the tool calls under way."""
        (self.working.messages if self._held is None else self._held).append(message)

    def instruct(self, text: str) -> None:
        """Tell the model something in this turn. It keeps its place: at the end it would be obeyed twice."""
        if text.strip():
            self.instructions.append((len(self.working.messages), text))

    def instructed(self) -> list[ChatMessage]:
        """What the model has seen, with this turn's instructions where they were given."""
        messages = list(self.working.messages)
        for at, text in reversed(self.instructions):
            messages.insert(at, ChatMessage("system", text))
        return messages

    def forget_oldest(self) -> bool:
        """Drop the older half of what the model has seen, whole turns of it; False where too little is left."""
        messages = self.working.messages
        turns = [at for at, message in enumerate(messages) if message.role == "user"]
        at = next((at for at in turns if at >= len(messages) / 2), 0) or (turns[-1] if turns else 0)
        del messages[:at]
        self.instructions = [(max(place - at, 0), text) for place, text in self.instructions]
        return at > 0

    def hold(self) -> None:
        """Tool calls are being answered: a chat knows nothing between a call and its answer."""
        self._held = []

    def release(self) -> None:
        """All are answered."""
        held, self._held = self._held or [], None
        self.working.messages += held

    # Interruption.

    def interrupt(self, heard: str | None) -> None:
        """The user speaks: the model is cut off; a function is left to finish, since what it does may count."""
        if self.interrupted:  # what was heard until the first word counts; a hang-up after it says nothing of that
            self.heard = heard if self.heard is None else self.heard
            return
        self.interrupted, self.heard = True, heard
        if self._scope is not None:
            self._scope.reschedule(0)

    def interruptible(self) -> asyncio.Timeout:
        """A context that `interrupt` leaves with a TimeoutError."""
        self._scope = asyncio.timeout(0 if self.interrupted else None)
        return self._scope

    def uninterruptible(self) -> None:
        """The context was left."""
        self._scope = None
