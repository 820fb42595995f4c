"""How calls, extractions and agents look on the wire."""

from __future__ import annotations

from typing import Any

from postcall.domain.agents import Agent, Version, VersionConfig
from postcall.domain.answers import Answer, Extraction
from postcall.domain.calls import Call, StoredMetric, Turn
from postcall.domain.labels import Label
from postcall.domain.questions import DispositionMetric
from postcall.domain.views import CallFile, CallRow, ExtractionState, Progress


def call_file_json(file: CallFile) -> dict[str, Any]:
    """All that is known of a call."""
    return {
        **call_json(file.call),
        "turns": [turn_json(index, turn) for index, turn in enumerate(file.turns)],
        "metrics": {metric.name: metric_json(metric) for metric in file.metrics},
        "extraction": current_json(file.extraction, file.progress),
        "extraction_state": progress_json(file.progress),
        "extractions": {each.id: extraction_json(each) for each in file.extractions},
        "labels": [label_json(label) for label in file.labels],
        "state": file.state,
    }


def call_row_json(row: CallRow) -> dict[str, Any]:
    """A call in a list: without its turns."""
    return {**call_json(row.call), "extraction": current_json(row.extraction, row.progress)}


def call_json(call: Call) -> dict[str, Any]:
    """The fields of a call."""
    details = call.details
    return {
        "id": call.id,
        "agent": call.agent_slug,
        "agent_id": call.agent_id,
        "version": call.version,
        "channel": details.channel,
        "direction": details.direction,
        "from": details.from_number,
        "to": details.to_number,
        "started_at": call.started_at,
        "started_at_is_intake": call.started_at_is_intake,
        "ended_at": details.ended_at,
        "duration_s": details.duration_s,
        "status": details.status,
        "language": details.language,
        "environment": details.environment,
        "variant": details.variant,
        "disconnection_reason": details.disconnection_reason,
        "handoff": {"destination": details.handoff.destination, "reason": details.handoff.reason}
        if details.handoff
        else None,
        "metadata": details.metadata,
        "revision": call.revision,
        "created_at": call.created_at,
        "updated_at": call.updated_at,
    }


def turn_json(index: int, turn: Turn) -> dict[str, Any]:
    """A turn, with the index by which evidence names it."""
    return {
        "turn": index,
        "role": turn.role,
        "text": turn.text,
        "start_s": turn.start_s,
        "at": turn.at,
        "latency_s": turn.latency_s,
    }


def metric_json(metric: StoredMetric) -> dict[str, Any]:
    """All writes of a real-time metric."""
    return {
        "value": metric.value,
        "values": metric.values,
        "source": metric.source,
        "at": metric.at,
        "flagged": metric.flagged,
        "misfits": metric.misfits,
    }


def current_json(extraction: Extraction | None, progress: Progress) -> dict[str, Any]:
    """The current extraction, or why there is none yet."""
    if extraction is not None:
        return extraction_json(extraction)
    return {"status": progress.state, "reason": progress.reason, "answers": []}


def progress_json(progress: Progress) -> dict[str, Any]:
    """Where the extraction stands."""
    return {"state": progress.state, "reason": progress.reason, "retry_at": progress.retry_at}


def extraction_json(extraction: Extraction) -> dict[str, Any]:
    """One run of the questions."""
    findings = extraction.findings
    shown: dict[str, Any] = {
        "id": extraction.id,
        "status": extraction.status,
        "version": extraction.version,
        "revision": extraction.revision,
        "analyser": findings.analyser,
        "model": findings.model,
        "started_at": extraction.started_at,
        "finished_at": extraction.finished_at,
        "summary": findings.summary,
        "usage": findings.usage,
        "notes": findings.notes,
        "answers": [answer_json(answer) for answer in findings.answers],
    }
    if extraction.status.value == ExtractionState.FAILED.value:
        shown["failure"] = {"code": extraction.failure_code, "reason": extraction.failure}
    return shown


def answer_json(answer: Answer) -> dict[str, Any]:
    """The result for one question."""
    return {
        "identifier": answer.identifier,
        "type": answer.type,
        "value": answer.value,
        "status": answer.status,
        "confidence": answer.confidence,
        "calibrated": answer.calibrated,
        "reasoning": answer.reasoning,
        "evidence": [{"turn": each.turn, "quote": each.quote} for each in answer.evidence],
        "kept_from": answer.kept_from,
        "by": answer.by,
        "second": answer.second,
    }


def label_json(label: Label) -> dict[str, Any]:
    """What somebody says of an answer."""
    return {
        "identifier": label.identifier,
        "type": label.type,
        "value": label.value,
        "verdict": label.verdict,
        "who": label.who,
        "why": label.why,
        "at": label.at,
        "revision": label.revision,
        "extraction": label.extraction_id,
    }


def agent_json(agent: Agent) -> dict[str, Any]:
    """An agent."""
    return {
        "id": agent.id,
        "slug": agent.slug,
        "name": agent.name,
        "active_version": agent.active_version,
        "created_at": agent.created_at,
        "archived_at": agent.archived_at,
    }


def version_json(version: Version) -> dict[str, Any]:
    """A published version, with its questions."""
    return {
        "number": version.number,
        "id": version.id,
        "label": version.label,
        "description": version.description,
        "pinned": version.pinned,
        "created_at": version.created_at,
        "created_by": version.created_by,
        "project": version.config.project,
        **config_json(version.config),
    }


def config_json(config: VersionConfig) -> dict[str, Any]:
    """What a version or a draft says."""
    return {
        "summary_prompt": config.summary_prompt,
        "use_reasoning_model": config.use_reasoning_model,
        "analyser": config.analyser,
        "min_confidence": config.min_confidence,
        "audit_share": config.audit_share,
        "questions": [question_json(question) for question in config.questions],
    }


def question_json(question: DispositionMetric) -> dict[str, Any]:
    """A question; only an ENUM has choices."""
    shown: dict[str, Any] = {
        "identifier": question.identifier,
        "prompt": question.prompt,
        "type": question.type,
    }
    if question.choices:
        shown["choices"] = question.choices
    return shown
