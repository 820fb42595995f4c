"""How a version's configuration is written into its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from postcall.domain.agents import (
    AUDIT_SHARE,
    DEFAULT_SUMMARY_PROMPT,
    AnalyserChoice,
    PromptTool,
    ToolKind,
    VersionConfig,
)
from postcall.domain.questions import DispositionMetric, QuestionType


def dump_config(config: VersionConfig) -> dict[str, Any]:
    """The configuration as JSON."""
    return asdict(config)


def load_config(stored: Mapping[str, Any]) -> VersionConfig:
    """The inverse of `dump_config`; what an older postcall did not write has its default."""
    return VersionConfig(
        questions=tuple(
            DispositionMetric(
                identifier=question["identifier"],
                prompt=question["prompt"],
                type=QuestionType(question["type"]),
                choices=tuple(question["choices"]),
            )
            for question in stored["questions"]
        ),
        summary_prompt=stored.get("summary_prompt", DEFAULT_SUMMARY_PROMPT),
        use_reasoning_model=stored.get("use_reasoning_model", False),
        analyser=AnalyserChoice(stored["analyser"]) if stored.get("analyser") else None,
        min_confidence=stored.get("min_confidence"),
        audit_share=stored.get("audit_share", AUDIT_SHARE),
        project=stored.get("project"),
        prompt=stored.get("prompt"),
        greeting=stored.get("greeting", ""),
        tools=tuple(
            PromptTool(ToolKind(tool["kind"]), tool["name"], tool["description"], tool["number"])
            for tool in stored.get("tools", ())
        ),
        variables=stored.get("variables") or {},
        agent_model=stored.get("agent_model"),
        asks_agent_model=stored.get("asks_agent_model", False),
        kept=stored.get("kept") or {},
    )
