"""What may stand in an agent's configuration on this interface; each fault is one text that names its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from postcall.domain.questions import IDENTIFIER, MAX_QUESTIONS, QuestionType

LONGEST_PROMPT = 100_000
"""Characters of `singlePromptConfig.prompt`, for which the vendor names no limit."""
_TYPES = ", ".join(QuestionType)
_LONGEST_SHOWN = 60


class Rule(Protocol):
    """What a value must be."""

    def faults(self, value: Any, where: str) -> Iterator[str]:
        """What is wrong with it, in words; nothing where it is right."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    most: int | None = None
    """Characters."""
    among: tuple[str, ...] = ()

    def faults(self, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{where}: Must be a string"
        elif self.most is not None and len(value) > self.most:
            yield f"{where}: Must have at most {self.most} characters, not {len(value)}"
        elif self.among and value not in self.among:
            yield f"{where}: Must be one of {', '.join(repr(each) for each in self.among)}"


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def faults(self, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"{where}: Must be true or false"


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds."""

    least: float | None = None
    most: float | None = None

    def faults(self, value: Any, where: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{where}: Must be a number"
        elif self.least is not None and value < self.least:
            yield f"{where}: Must be at least {self.least:g}"
        elif self.most is not None and value > self.most:
            yield f"{where}: Must be at most {self.most:g}"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each of whose members follows a rule."""

    each: Rule

    def faults(self, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where}: Must be a list"
            return
        for index, item in enumerate(value):
            yield from self.each.faults(item, f"{where}[{index}]")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object; fields that are not named here may be anything, so that newer clients are not refused."""

    fields: Mapping[str, Rule] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def faults(self, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: Must be an object"
            return
        for name in self.required:
            if value.get(name) is None:
                yield f"{where}.{name}: Required"
        for name, rule in self.fields.items():
            if value.get(name) is not None:
                yield from rule.faults(value[name], f"{where}.{name}")


_SECONDS = Number(0, 10)
_SHARE = Number(0, 1)
_IDLE = Number(1, 300)
_ENABLED = Shape({"isEnabled": Flag()})
_TOOL: dict[str, Rule] = {
    "type": Text(),
    "name": Text(),
    "enabled": Flag(),
    "description": Text(),
    "transferNumber": Text(),
}

RULES: dict[str, Rule] = {
    "singlePromptConfig": Shape(
        {
            "prompt": Text(LONGEST_PROMPT),
            "tools": Items(Shape(_TOOL, ("type", "name"))),
        }
    ),
    "postCallAnalyticsConfig": Shape(
        {
            "successMetrics": Items(Shape({"identifier": Text(), "successMetricPrompt": Text()})),
            "summaryPrompt": Text(LONGEST_PROMPT),
            "useInternalAnalyticsModel": Flag(),
            "useReasoningModel": Flag(),
        }
    ),
    "language": Shape(
        {
            "default": Text(40),
            "supported": Items(Text(40)),
            "switching": Shape(
                {
                    "isEnabled": Flag(),
                    "minWordsForDetection": Number(1, 10),
                    "strongSignalThreshold": Number(0.1, 0.9),
                    "weakSignalThreshold": Number(0.1, 0.9),
                    "minConsecutiveForWeakThresholdSwitch": Number(1, 5),
                }
            ),
        }
    ),
    "synthesizer": Shape(
        {
            "voiceConfig": Shape({"model": Text(), "voiceId": Text(), "gender": Text()}),
            "speed": Number(0, 2),
            "consistency": _SHARE,
            "similarity": _SHARE,
            "enhancement": Number(0, 2),
            "sampleRate": Number(),
        }
    ),
    "slmModel": Text(200),
    "transcriberType": Text(200),
    "customLLMWebSocketUrl": Text(2000),
    "widgetConfig": Shape(),
    "defaultVariables": Shape(),
    "preCallAPI": Shape({"isEnabled": Flag(), "url": Text(2000), "method": Text(), "timeout": Number(1, 30)}),
    "globalPrompt": Text(4000),
    "globalKnowledgeBaseId": Text(200),
    "firstMessage": Text(500),
    "allowInterruptions": Flag(),
    "waitForUserToSpeakFirst": Flag(),
    "muteUserUntilFirstBotResponse": Flag(),
    "interruptionBackoffTimer": _SECONDS,
    "backgroundSound": Text(among=("", "office", "cafe", "call_center", "static")),
    "smartTurnConfig": Shape({"isEnabled": Flag(), "waitTimeInSecs": _SECONDS}),
    "voiceDetectionConfig": Shape(
        {"confidence": _SHARE, "minVolume": _SHARE, "triggerTimeInSecs": _SECONDS, "releaseTimeInSecs": _SECONDS}
    ),
    "voiceMailDetectionConfig": Shape({"enabled": Flag(), "endText": Text(200)}),
    "denoisingConfig": _ENABLED,
    "redactionConfig": _ENABLED,
    "pronunciationDicts": Items(Shape({"word": Text(), "pronunciation": Text()}, ("word", "pronunciation"))),
    "llmIdleTimeoutConfig": Shape(
        {
            "chatTimeoutTimeInSecs": _IDLE,
            "webcallTimeoutTimeInSecs": _IDLE,
            "telephonyTimeoutTimeInSecs": _IDLE,
            "maxRetries": Number(0),
        }
    ),
    "sessionTimeoutConfig": Shape({"timeoutTimeInSecs": Number(0, 3600)}),
    "workflowType": Text(among=("single_prompt", "workflow_graph")),
    "workflowGraph": Shape({"nodes": Items(Shape()), "edges": Items(Shape())}),
    "timezone": Shape({"label": Text(200), "offset": Number()}),
    "callDispositionConfig": Text(LONGEST_PROMPT),
    "enableStyleGuide": Flag(),
    "speechFormatting": Flag(),
}
"""Every config field of this interface."""


def config_faults(patch: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the config fields of a body; the others are not looked at."""
    for name, rule in RULES.items():
        if patch.get(name) is not None:
            yield from rule.faults(patch[name], name)
    analytics = patch.get("postCallAnalyticsConfig")
    if isinstance(analytics, dict) and analytics.get("dispositionMetrics") is not None:
        yield from metric_faults(analytics["dispositionMetrics"])


def metric_faults(entries: Any) -> Iterator[str]:
    """What is wrong with a list of disposition metrics."""
    if not isinstance(entries, list):
        yield "dispositionMetrics: Must be a list"
        return
    if len(entries) > MAX_QUESTIONS:
        yield f"dispositionMetrics: Must have at most {MAX_QUESTIONS} entries, not {len(entries)}"
        return
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            yield f"dispositionMetrics[{index}]: Must be an object"
            continue
        identifier = entry.get("identifier")
        where = f"dispositionMetrics[{index}]"
        if isinstance(identifier, str) and identifier:
            where += f" ({identifier[:_LONGEST_SHOWN]})"
        yield from _entry_faults(entry, where)
        if isinstance(identifier, str) and seen.setdefault(identifier, index) != index:
            yield f"{where}.identifier: Stands in dispositionMetrics[{seen[identifier]}] already"


def type_of(entry: Mapping[str, Any]) -> Any:
    """The type as either spelling has it; the flat one wins."""
    flat = entry.get("dispositionMetricType")
    if flat is not None:
        return flat
    nested = entry.get("dispositionValues")
    return nested.get("type") if isinstance(nested, dict) else None


def _entry_faults(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    identifier = entry.get("identifier")
    if identifier is None or identifier == "":
        yield f"{where}.identifier: Required"
    elif not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
        yield f"{where}.identifier: Must be 1 to 100 lower-case letters, digits and underscores"
    prompt = entry.get("dispositionMetricPrompt")
    if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
        yield f"{where}.dispositionMetricPrompt: Required"
    elif not isinstance(prompt, str):
        yield f"{where}.dispositionMetricPrompt: Must be a string"
    kind = type_of(entry)
    if kind is None:
        yield f"{where}.dispositionMetricType: Required"
    elif not isinstance(kind, str) or kind not in set(QuestionType):
        yield f"{where}.dispositionMetricType: Must be one of {_TYPES}"
    else:
        yield from _choice_faults(entry.get("choices"), QuestionType(kind), where)


def _choice_faults(choices: Any, kind: QuestionType, where: str) -> Iterator[str]:
    if choices is not None and (
        not isinstance(choices, Sequence) or isinstance(choices, str) or not all(isinstance(c, str) for c in choices)
    ):
        yield f"{where}.choices: Must be a list of strings"
    elif kind is not QuestionType.ENUM:
        if choices:
            yield f"{where}.choices: Only ENUM has choices, and this is {kind}"
    elif not choices:
        yield f"{where}.choices: Required for ENUM"
    elif not all(choice.strip() for choice in choices):
        yield f"{where}.choices: Must not hold an empty choice"
    elif len(set(choices)) != len(choices):
        yield f"{where}.choices: Must not hold a choice twice"
