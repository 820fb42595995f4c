"""Rules by which a scripted model holds a whole conversation: what the user said, where the agent is, what came back.

model.when_user(r"book|appointment", offered="start_booking").reply(Calls("start_booking"))
model.when_user(r"(?P<day>monday|friday)", step="Ask for the day").reply(Calls("save_day", {"day": "{day}"}))
model.when_result(r"saved", of="save_day").reply("Noted. What is your name?")
model.otherwise()
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Protocol, TypeVar

import msgspec

from postcall.domain.outbound import HANGS_UP
from postcall.testing.honest import answers_from
from postcall.testing.replies import ScriptedReply
from postcall.testing.requests import ModelRequest, ToolResult
from postcall.testing.script import Rule

R = TypeVar("R")
Groups = Mapping[str, str]

_SLOT = re.compile(r"\{(\w+)\}")
_IN_RESULT = ("content", "utterance", "message", "error")
"""Where a function's result, if it is an object, has words that can be said."""


@dataclass(frozen=True)
class Situation:
    """When a rule applies: all that is said here must hold. Patterns are searched for, whatever the case."""

    turn: str = ""
    """`user`: the user spoke last; `result`: a function returned last; empty: either."""
    user: str | None = None
    """A pattern in what the user said last."""
    step: str | None = None
    """A pattern in the last system message."""
    prompt: str | None = None
    """A pattern in any message."""
    result: str | None = None
    """A pattern in the result that the model goes on from."""
    of: str | None = None
    """The function that returned it."""
    offered: Sequence[str] = ()
    """Functions that must be on offer."""

    def match(self, request: ModelRequest) -> Groups | None:
        """What the patterns captured; None where the situation is another."""
        latest = request.latest_result
        if self.turn and (self.turn == "result") != (latest is not None):
            return None
        if self.of is not None and (latest is None or latest.name != self.of):
            return None
        if not set(self.offered) <= set(request.tool_names):
            return None
        groups: dict[str, str] = {}
        for pattern, text in (
            (self.prompt, request.text),
            (self.step, request.step),
            (self.result, latest.content if latest else ""),
            (self.user, request.last_user),
        ):
            found = re.search(pattern, text, re.IGNORECASE) if pattern is not None else None
            if pattern is not None and found is None:
                return None
            if found is not None:
                groups |= {str(number): said or "" for number, said in enumerate(found.groups(), 1)}
                groups |= {name: said or "" for name, said in found.groupdict().items()}
        return groups


@dataclass
class SituationRule(Rule):
    """A rule whose replies may repeat what its patterns captured: `{day}`, or `{1}` for the first group."""

    situation: Situation = field(default_factory=Situation)

    def take(self, request: ModelRequest) -> ScriptedReply | None:
        """The rule's next reply, filled in, or None where it does not apply."""
        reply = super().take(request)
        groups = self.situation.match(request) if reply is not None else None
        return filled_in(reply, groups) if groups else reply


class _HasRules(Protocol):
    def add_rule(self, rule: Rule) -> None: ...
    def always(self, reply: ScriptedReply) -> None: ...


class Conversing:
    """Adds rules about conversations to whatever has rules. Of several that apply, the one added first answers."""

    def when_user(
        self: _HasRules,
        pattern: str = "",
        *,
        step: str | None = None,
        offered: str | Sequence[str] = (),
        times: int | None = None,
    ) -> Rule:
        """Begin a rule for what the user said last, while no function has returned since."""
        return _begin(self, Situation("user", user=pattern, step=step, offered=_names(offered)), times)

    def when_result(
        self: _HasRules,
        pattern: str = "",
        *,
        of: str | None = None,
        user: str | None = None,
        step: str | None = None,
        offered: str | Sequence[str] = (),
        times: int | None = None,
    ) -> Rule:
        """Begin a rule for what a function has just returned."""
        situation = Situation("result", result=pattern, of=of, user=user, step=step, offered=_names(offered))
        return _begin(self, situation, times)

    def when_callee(self: _HasRules, pattern: str = "", *, times: int | None = None) -> Rule:
        """Begin a rule for the person whom the simulated carrier calls: a pattern in what the agent said last.

        Words that end with `postcall.domain.outbound.HANGS_UP` end the call. Add these rules before the agent's own,
        which would answer for this person as well.
        """
        return _begin(self, Situation("user", user=pattern, prompt=re.escape(HANGS_UP)), times)

    def when_prompt(self: _HasRules, pattern: str, *, user: str | None = None, times: int | None = None) -> Rule:
        """Begin a rule for words anywhere in the request: what a function asked by `conv.utils.prompt_llm`, say."""
        return _begin(self, Situation(prompt=pattern, user=user), times)

    def otherwise(self: _HasRules, text: str = "Could you tell me more about that?") -> None:
        """Where no rule applies: repeat what a function returned, fill in a schema that was asked for, or say this."""

        def reply(request: ModelRequest) -> ScriptedReply:
            if request.json_schema is not None or request.response_format == "json_object":
                return answers_from({})(request)
            return (request.latest_result and _words_of(request.latest_result)) or text

        self.always(reply)


def _begin(model: _HasRules, situation: Situation, times: int | None) -> Rule:
    rule = SituationRule(lambda request: situation.match(request) is not None, times, situation=situation)
    model.add_rule(rule)
    return rule


def _names(offered: str | Sequence[str]) -> Sequence[str]:
    return (offered,) if isinstance(offered, str) else offered


def _words_of(result: ToolResult) -> str:
    """What of a function's result can be said."""
    try:
        content = msgspec.json.decode(result.content)
    except msgspec.DecodeError:
        return result.content
    if isinstance(content, dict):
        return next((str(content[key]) for key in _IN_RESULT if content.get(key)), "")
    return content if isinstance(content, str) else ""


def filled_in(content: R, groups: Groups) -> R:
    """A reply, or any part of one, with `{name}` replaced wherever a group has that name; other braces stay."""
    made: Any = content
    if isinstance(content, str):
        made = _SLOT.sub(lambda slot: groups.get(slot[1], slot[0]), content)
    elif isinstance(content, Mapping):
        made = {key: filled_in(value, groups) for key, value in content.items()}
    elif isinstance(content, list | tuple):
        made = type(content)(filled_in(each, groups) for each in content)
    elif is_dataclass(content) and not isinstance(content, type):
        parts = {each.name: filled_in(getattr(content, each.name), groups) for each in fields(content)}
        made = replace(content, **parts)
    filled: R = made
    return filled
