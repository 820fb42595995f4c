"""An agent's configuration as this interface writes it, and as a version holds it.

What postcall acts on has fields of its own in `VersionConfig`; everything else is kept as it came. Metrics are given
back exactly as they were sent for as long as the version's questions are what they say.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from postcall.api.atoms.config_rules import RULES, config_faults, type_of
from postcall.api.atoms.errors import AtomsError
from postcall.configure.question_findings import Rule
from postcall.configure.question_lint import lint_questions
from postcall.domain.agents import DEFAULT_SUMMARY_PROMPT, PromptTool, ToolKind, VersionConfig
from postcall.domain.questions import DispositionMetric, QuestionType

DEFAULT_MODEL = "electron"
"""What an agent's own model is called where nobody chose one."""

_ANALYTICS = "postCallAnalyticsConfig"
_PROMPT = "singlePromptConfig"
_WHOLE = frozenset({"preCallAPI", "workflowGraph"})
"""Objects that a patch replaces: merged, nothing could be taken out of them."""
_AUTHORING = frozenset({Rule.MISSING_CHOICE, Rule.SKIPS, Rule.FALLBACK_TYPE, Rule.DEPENDS, Rule.WEIGHTS})

_SECTIONS: dict[str, tuple[str, ...]] = {
    "workflow_prompt": ("prompt", "globalPrompt", "firstMessage"),
    "workflow_tools": ("tools",),
    "workflow_graph": ("workflowType", "workflowGraph"),
    "llm": ("slmModel", "customLLMWebSocketUrl", "globalKnowledgeBaseId", "enableStyleGuide"),
    "voice": ("synthesizer", "pronunciationDicts", "speechFormatting"),
    "language": ("language", "transcriberType", "timezone"),
    "call_handling": (
        "allowInterruptions",
        "waitForUserToSpeakFirst",
        "muteUserUntilFirstBotResponse",
        "interruptionBackoffTimer",
        "defaultVariables",
        "preCallAPI",
    ),
    "detection": ("voiceDetectionConfig", "smartTurnConfig", "voiceMailDetectionConfig"),
    "analytics": (_ANALYTICS, "callDispositionConfig"),
    "timeouts": ("llmIdleTimeoutConfig", "sessionTimeoutConfig"),
    "audio": ("backgroundSound", "denoisingConfig"),
    "privacy": ("redactionConfig",),
    "widget": ("widgetConfig",),
}
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{1,30}")
SECTIONS = tuple(_SECTIONS)
"""The parts of a configuration, as this interface names them."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A configuration with a patch in it."""

    config: VersionConfig
    warnings: tuple[str, ...]
    """Where its metrics break an authoring rule: they are asked all the same."""


def has_config(patch: Mapping[str, Any]) -> bool:
    """Whether a body says anything about an agent's configuration."""
    return any(patch.get(name) is not None for name in RULES)


def merge_config(config: VersionConfig, patch: Mapping[str, Any]) -> Merged:
    """The configuration with the config fields of a body in it; other fields are passed over.

    Objects are merged by field, lists are replaced, null is as if absent. Raises AtomsError 400 with one text for each
    fault, and for a prompt or greeting where the agent runs a project that somebody pushed.
    """
    faults = list(config_faults(patch))
    if faults:
        raise AtomsError(400, *faults)
    given = {name: patch[name] for name in RULES if patch.get(name) is not None}
    kept = copy.deepcopy(config.kept)
    for name, value in given.items():
        if name == "slmModel":
            config = replace(config, agent_model=value)
        elif name == "firstMessage":
            config = replace(config, greeting=value)
        elif name == "defaultVariables":
            config = replace(config, variables=copy.deepcopy(value))
        else:
            kept[name] = _merged(kept.get(name), value, whole=name in _WHOLE)
    _check_language(kept.get("language"))
    config = _with_prompt(replace(config, kept=kept), given)
    config = replace(config, tools=_usable_tools(config))
    if _ANALYTICS in given:
        config = _with_analytics(config, given[_ANALYTICS])
    return Merged(config, metric_warnings(config.questions))


def metric_warnings(questions: Sequence[DispositionMetric]) -> tuple[str, ...]:
    """Where questions break one of the five authoring rules, in words."""
    return tuple(
        f"{each.identifier}: {each.message}{f' {each.fix}' if each.fix else ''}"
        for each in lint_questions(questions)
        if each.rule in _AUTHORING
    )


def metric_entries(config: VersionConfig) -> list[dict[str, Any]]:
    """The disposition metrics of a version: those as they were sent, where they still are its questions."""
    sent = {each["identifier"]: each for each in _analytics(config).get("dispositionMetrics", [])}
    entries = []
    for question in config.questions:
        entry = sent.get(question.identifier)
        if entry is None or read_metric(entry) != question:
            entry = _write_metric(question)
        entries.append(copy.deepcopy(entry))
    return entries


def read_metric(entry: Mapping[str, Any]) -> DispositionMetric:
    """An entry that has no fault, as the question it is."""
    kind = QuestionType(type_of(entry))
    choices = tuple(entry.get("choices") or ()) if kind is QuestionType.ENUM else ()
    return DispositionMetric(entry["identifier"], entry["dispositionMetricPrompt"], kind, choices)


def analytics_config(config: VersionConfig) -> dict[str, Any]:
    """`postCallAnalyticsConfig`, whole."""
    kept = _analytics(config)
    return {
        "dispositionMetrics": metric_entries(config),
        "successMetrics": copy.deepcopy(kept.get("successMetrics", [])),
        "summaryPrompt": _summary_prompt(config),
        "useInternalAnalyticsModel": not config.asks_agent_model,
        "useReasoningModel": config.use_reasoning_model,
    }


def config_fields(config: VersionConfig) -> dict[str, Any]:
    """The config fields as a create request has them; those that nobody set are left out."""
    fields = {name: copy.deepcopy(value) for name, value in config.kept.items() if name in RULES}
    fields.pop(_PROMPT, None)
    if config.variables:
        fields["defaultVariables"] = copy.deepcopy(config.variables)
    return {
        **fields,
        "globalPrompt": _global_prompt(config),
        "firstMessage": config.greeting,
        "slmModel": config.agent_model or DEFAULT_MODEL,
        "workflowType": workflow_type(config),
        _ANALYTICS: analytics_config(config),
    }


def flat_config(config: VersionConfig) -> dict[str, Any]:
    """As `_resolvedConfig` has it: one level, under the names that readers of a configuration know."""
    fields = config_fields(config)
    language = fields.get("language", {})
    default = language.get("default", "en")
    return {
        "callDispositionConfig": "",
        "backgroundSound": "",
        "transcriberType": "",
        **fields,
        "prompt": config.prompt or "",
        "tools": _tools(config),
        "modelName": fields["slmModel"],
        "defaultLanguage": default,
        "supportedLanguages": language.get("supported", [default]),
        "languageSwitching": language.get("switching", {}),
    }


def sectioned_config(config: VersionConfig) -> dict[str, dict[str, Any]]:
    """As versions show it: every section, with those of its fields that are set."""
    fields = {**config_fields(config), "prompt": config.prompt or "", "tools": _tools(config)}
    return {section: {name: fields[name] for name in names if name in fields} for section, names in _SECTIONS.items()}


def changed_sections(before: VersionConfig, after: VersionConfig) -> tuple[str, ...]:
    """The sections in which two configurations differ."""
    ours, theirs = sectioned_config(before), sectioned_config(after)
    return tuple(section for section in SECTIONS if ours[section] != theirs[section])


def workflow_type(config: VersionConfig) -> str:
    """`single_prompt`, or `workflow_graph` where somebody said so."""
    return str(config.kept.get("workflowType", "single_prompt"))


def runs_pushed_project(config: VersionConfig) -> bool:
    """Whether the agent is code that somebody pushed, and not a prompt."""
    return config.project is not None and config.prompt is None


def _merged(before: Any, value: Any, *, whole: bool) -> Any:
    if whole or not isinstance(value, dict):
        return copy.deepcopy(value)
    found = dict(before) if isinstance(before, dict) else {}
    for name, each in value.items():
        if each is not None:
            found[name] = _merged(found.get(name), each, whole=False)
    return found


def _check_language(language: Any) -> None:
    if isinstance(language, dict) and language.get("supported") and "default" in language:
        default, supported = language["default"], language["supported"]
        if default not in supported:
            raise AtomsError(400, f"language.default: {default!r} is not among the supported {', '.join(supported)}")


def _with_prompt(config: VersionConfig, given: Mapping[str, Any]) -> VersionConfig:
    """With the prompt that the agent speaks by: `singlePromptConfig.prompt`, else `globalPrompt`."""
    if runs_pushed_project(config):
        said = [name for name in ("globalPrompt", _PROMPT, "firstMessage") if _says(given.get(name))]
        if said:
            raise AtomsError(
                400,
                *(f"{name}: This agent runs a project that was pushed; change it there and push it" for name in said),
            )
        return config
    own = given.get(_PROMPT, {}).get("prompt")
    if own:
        return replace(config, prompt=own)
    if own == "" or ("globalPrompt" in given and not _single_prompt(config).get("prompt")):
        return replace(config, prompt=str(config.kept.get("globalPrompt", "")))
    if config.prompt is None and given.get("firstMessage"):
        return replace(config, prompt="")
    return config


def _says(value: Any) -> bool:
    """Whether it is a text, or a single prompt with one."""
    return bool(value.get("prompt") if isinstance(value, dict) else value)


def _with_analytics(config: VersionConfig, patch: Mapping[str, Any]) -> VersionConfig:
    metrics = patch.get("dispositionMetrics")
    if metrics is not None:
        entries = [_as_sent(entry) for entry in metrics]
        analytics = {**_analytics(config), "dispositionMetrics": entries}
        questions = tuple(read_metric(entry) for entry in entries)
        config = replace(config, questions=questions, kept={**config.kept, _ANALYTICS: analytics})
    if patch.get("summaryPrompt") is not None:
        config = replace(config, summary_prompt=_asked_summary(patch["summaryPrompt"]))
    if patch.get("useInternalAnalyticsModel") is not None:
        config = replace(config, asks_agent_model=not patch["useInternalAnalyticsModel"])
    if patch.get("useReasoningModel") is not None:
        config = replace(config, use_reasoning_model=patch["useReasoningModel"])
    return config


def _as_sent(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without nulls, and with the type in the spelling that every reader knows."""
    sent = {name: copy.deepcopy(value) for name, value in entry.items() if value is not None}
    return {**sent, "dispositionMetricType": type_of(sent)}


def _write_metric(question: DispositionMetric) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identifier": question.identifier,
        "dispositionMetricPrompt": question.prompt,
        "dispositionMetricType": question.type.value,
    }
    return {**entry, "choices": list(question.choices)} if question.choices else entry


def _asked_summary(said: str) -> str:
    return said if said.strip() else DEFAULT_SUMMARY_PROMPT


def _summary_prompt(config: VersionConfig) -> str:
    """As it was sent; empty where nobody set one, and our own where another interface did."""
    sent = _analytics(config).get("summaryPrompt", "")
    if isinstance(sent, str) and _asked_summary(sent) == config.summary_prompt:
        return sent
    return config.summary_prompt


def _analytics(config: VersionConfig) -> dict[str, Any]:
    found = config.kept.get(_ANALYTICS)
    return found if isinstance(found, dict) else {}


def _global_prompt(config: VersionConfig) -> str:
    if config.prompt is not None and _single_prompt(config).get("prompt"):
        return str(config.kept.get("globalPrompt", ""))
    return config.prompt or ""


def _tools(config: VersionConfig) -> list[Any]:
    found = _single_prompt(config).get("tools", [])
    return copy.deepcopy(found) if isinstance(found, list) else []


def _usable_tools(config: VersionConfig) -> tuple[PromptTool, ...]:
    """Those of an agent's tools that postcall acts on; the others are kept and given back."""
    return tuple(
        PromptTool(
            ToolKind(tool["type"]), tool["name"], tool.get("description") or "", tool.get("transferNumber") or ""
        )
        for tool in _tools(config)
        if _is_usable(tool)
    )


def _is_usable(tool: Mapping[str, Any]) -> bool:
    """A transfer needs somebody to go to."""
    number = tool.get("transferNumber") or ""
    known = tool["type"] == ToolKind.END_CALL or (tool["type"] == ToolKind.TRANSFER_CALL and _NUMBER.fullmatch(number))
    return bool(known) and tool.get("enabled") is not False


def _single_prompt(config: VersionConfig) -> dict[str, Any]:
    found = config.kept.get(_PROMPT)
    return found if isinstance(found, dict) else {}
