"""Making `conv` and `flow` for one run, and reading what became of them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from postcall.runtime.conv.channel import Channel, Find
from postcall.runtime.conv.conversation import Conversation
from postcall.runtime.conv.entities import collected_from, entities_of
from postcall.runtime.conv.events import GenericExternalEvent
from postcall.runtime.conv.flow import Flow, FlowTransition, StepTransition
from postcall.runtime.conv.handoffs import HandoffConfig
from postcall.runtime.conv.history import history_of
from postcall.runtime.conv.known import Around
from postcall.runtime.conv.mappings import Memory, Variant
from postcall.runtime.conv.messages import SMSTemplate
from postcall.runtime.conv.plain import as_json_or_text
from postcall.runtime.conv.state import State
from postcall.runtime.protocol import Context, Effects, RunFunction, StaticProject


def conversation_of(
    frame: RunFunction, state: State, project: StaticProject, channel: Channel, find: Find
) -> Conversation:
    """The conversation as the function is to find it."""
    context = frame.context
    language = context.language or project.default_language
    if not frame.state:
        begin_state(state, context, language)
    state.update(context.state_changes)
    conv = Conversation(
        context.id,
        project.account_id,
        project.project_id,
        context.env,
        dict(context.sip_headers),
        state,
        context.current_flow,
        context.current_step,
        FlowTransition(),
        context.caller_number,
        context.callee_number,
        variant=_variant_name(context, project),
        variants=_variants(context, project),
        sms_templates=_templates(context, project),
        language=language,
        turn_number=context.turn,
        history=history_of(context.history),
        transcript_alternatives=list(context.transcript_alternatives),
        handoffs={name: HandoffConfig.from_dict(settings) for name, settings in project.handoffs.items()},
        integration_attributes=context.integration_attributes,
        memory=Memory(dict(context.memory)),
        realtime_config=dict(context.real_time_config),
        generic_external_events=[GenericExternalEvent.from_dict(event) for event in context.external_events],
        channel_type=context.channel_type,  # type: ignore[arg-type]  # the published type names three of them
        entities=entities_of(context.entities),
        translations=project.translations,
    )
    conv._apis = project.api_integrations
    conv.surround(
        Around(project, channel, find, frame.kind),
        context.metric_events,
        has_model=context.has_model,
        now=context.now,
        disabled_topics=context.disabled_topics,
    )
    return conv


def flow_of(frame: RunFunction, conv: Conversation) -> Flow:
    """The flow that a flow's function belongs to."""
    return Flow(conv.current_step or "", StepTransition(), conv, frame.flow or conv.current_flow or "")


def begin_state(state: State, context: Context, language: str) -> None:
    """The keys that every conversation's state has from the start."""
    state.update(
        from_=context.caller_number,
        to=context.callee_number,
        call_sid=context.id,
        shared_id=context.shared_id,
        asr_lang_code=language,
        tts_lang_code=language,
    )


def effects_of(conv: Conversation, context: Context) -> Effects:
    """Everything that the function asked for, and what it changed on the variant and among the entities."""
    entities = collected_from(conv.entities, context.entities)
    return replace(
        conv.gathered(),
        variant_attributes=_assigned(conv, context),
        chat_call_actions=conv.webchat.asked_for(),
        entities=None if entities == context.entities else entities,
    )


def _variant_name(context: Context, project: StaticProject) -> str | None:
    return context.variant if context.variant is not None else project.default_variant


def _variants(context: Context, project: StaticProject) -> dict[str, Variant]:
    variants = {name: Variant(attributes) for name, attributes in project.variants.items()}
    active = _variant_name(context, project)
    if active is not None:
        variants.setdefault(active, Variant()).update(context.variant_attributes)
    return variants


def _assigned(conv: Conversation, context: Context) -> dict[str, Any]:
    """What was assigned on the variant that is active now, compared with how this run found it."""
    name = conv.variant_name
    if name is None:
        return {}
    before = _variants(context, conv.around.project).get(name, Variant())
    after = {key: as_json_or_text(value) for key, value in (conv.variant or {}).items()}
    return {key: value for key, value in after.items() if key not in before or before[key] != value}


def _templates(context: Context, project: StaticProject) -> dict[str, SMSTemplate]:
    env = context.env.replace("-", "_")
    env = env if env in ("live", "pre_release") else "sandbox"
    return {
        name: SMSTemplate(name, template.get("text", ""), (template.get("phone_numbers") or {}).get(env) or "")
        for name, template in project.sms_templates.items()
    }
