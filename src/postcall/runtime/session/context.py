"""The conversation as functions find it."""

from __future__ import annotations

from postcall.runtime.protocol import Context
from postcall.runtime.session.host import Host
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.session.working import Working


def build_context(snapshot: Snapshot, working: Working, host: Host, *, alternatives: tuple[str, ...] = ()) -> Context:
    """What `conv` is built from: the working copy, and of the snapshot what no turn changes."""
    return Context(
        id=snapshot.id,
        env=snapshot.env,
        channel_type=snapshot.channel_type,
        turn=working.turn,
        caller_number=snapshot.caller_number,
        callee_number=snapshot.callee_number,
        sip_headers=snapshot.sip_headers,
        integration_attributes=snapshot.integration_attributes,
        language=working.language,
        current_flow=working.flow,
        current_step=working.step,
        variant=working.variant,
        variant_attributes=working.variant_attributes,
        history=tuple(working.history),
        transcript_alternatives=alternatives,
        metric_events=tuple(working.metrics),
        entities=working.entities,
        real_time_config=dict(host.real_time_config()),
        memory=snapshot.memory,
        external_events=tuple(working.external_events),
        disabled_topics=working.disabled_topics,
        has_model=host.has_model,
        state_changes=working.state_changes,
    )


def history_messages(working: Working) -> list[dict[str, str]]:
    """The conversation as a model reads it, for `prompt_llm(show_history=True)`."""
    roles = {"agent": "assistant"}
    return [{"role": roles.get(each.role, "user"), "content": each.text} for each in working.history if each.text]
