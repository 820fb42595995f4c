"""experimental_config.json as a conversation needs it: typed, with its defaults, overrides applied.

What does not fit is left out by itself: one bad value never costs the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeGuard, TypeVar

from postcall.domain.calls import Json
from postcall.domain.visibility import HandoffApi
from postcall.runtime.texts.tags import is_language

LONGEST_NAME = 200
"""Of a key of the state."""
FAREWELL = "It seems you are no longer there, so I will end this call. Goodbye."

_Block = TypeVar("_Block")
_Raw = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Ragdoll:
    """How topics are found."""

    threshold: float = 0.4
    in_flow_threshold: float = 0.35
    qa_metric_threshold: float = 0.33
    top_k: int = 5
    history_len: int = 7
    """For so many turns found topics stay visible."""
    previous_user_inputs_len: int = 2
    soft_threshold: float | None = None
    channel_topic_exclusions: tuple[str, ...] = ()
    """Topics that this channel does not have."""
    qa_metric_exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts around what the project says; None means that there is none, or ours."""

    silence: str = "(The user said nothing.)"
    function_not_found: str = "There is no such function here. Go on without it, or use one of those you have."
    context_information_precursor: str | None = None
    context_information: str | None = None
    """With `{topics_prompt}` in it."""
    non_english_system: str | None = None
    """With `{language_name}` in it; so the next."""
    non_english_rag: str | None = None
    step_header: str | None = None
    step_footer: str | None = None
    voice_decorator: str | None = None
    webchat_decorator: str | None = None
    sms_decorator: str | None = None
    rcs_decorator: str | None = None
    whatsapp_decorator: str | None = None
    language_switching_instructions: str | None = None
    """With `{available_languages}` in it."""


@dataclass(frozen=True, slots=True)
class Llm:
    """Which model, and what it may use inside flows."""

    provider_model_id: str | None = None
    inference_parameters: dict[str, Json] = field(default_factory=dict)
    include_kb_functions_in_flows: bool = False


@dataclass(frozen=True, slots=True)
class ChannelDisclaimer:
    """This channel's own disclaimer."""

    is_enabled: bool = True
    message: str | None = None
    """None: the usual one."""


@dataclass(frozen=True, slots=True)
class ConversationControl:
    """Silence and how a conversation ends by it."""

    max_silence_count: int = 3
    silence_timeout: float = 10.0
    """Seconds."""
    hangup_utterance: str = FAREWELL
    """In the conversation's language."""
    min_chunk_size: int = 1
    """Words."""
    disclaimer_message: ChannelDisclaimer | None = None


@dataclass(frozen=True, slots=True)
class RepeatCaller:
    """What is remembered of a caller."""

    analytics_enabled: bool = False
    identifier_blacklist: tuple[str, ...] = ()
    state_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryTuning:
    """How callers are recognised."""

    identifier_source: str | None = None
    """`sip_headers:name`, `integration_attributes:name` or `state:name`; None: the caller's number."""
    repeat_caller: RepeatCaller = RepeatCaller()


@dataclass(frozen=True, slots=True)
class Fillers:
    """What is said while the caller waits."""

    is_enabled: bool = False
    interval_sec: float = 3.0
    initial_interval_sec: float | None = None
    """None: as `interval_sec`."""
    randomize: bool = False
    utterances: tuple[str, ...] = ()
    """In the conversation's language."""


@dataclass(frozen=True, slots=True)
class LanguageSwitching:
    """When the agent changes its language."""

    explicit_only: bool = False


@dataclass(frozen=True, slots=True)
class Webchat:
    """What is particular to web chat."""

    llm_wrapped_utterances: bool = False


@dataclass(frozen=True, slots=True)
class Tuning:
    """The parts that change how a conversation goes."""

    ragdoll: Ragdoll = Ragdoll()
    prompts: Prompts = Prompts()
    llm: Llm = Llm()
    conversation_control: ConversationControl = ConversationControl()
    memory: MemoryTuning = MemoryTuning()
    filler_utterances: Fillers = Fillers()
    language_switching: LanguageSwitching = LanguageSwitching()
    webchat: Webchat = Webchat()

    def threshold(self, *, in_flow: bool) -> float:
        """From which score a topic is shown to the model."""
        return self.ragdoll.in_flow_threshold if in_flow else self.ragdoll.threshold


def read_tuning(
    raw: Mapping[str, Json],
    *,
    variant: str | None,
    flow: str | None,
    step: str | None,
    channel: str,
    language: str,
) -> Tuning:
    """What holds at this moment of a conversation.

    Each block's overrides are laid over it from the general to the particular: variant, channel, language, flow, step.
    """
    where = _Where(variant, flow, step, channel, language)
    blocks = {name: where.overlaid(_mapping(raw.get(name))) for name in (each.name for each in fields(Tuning))}
    memory = blocks["memory"]
    return Tuning(
        ragdoll=_read(Ragdoll, _for_channel(blocks["ragdoll"], channel)),
        prompts=_read(Prompts, _checked_prompts(blocks["prompts"])),
        llm=_read(Llm, blocks["llm"]),
        conversation_control=_read_control(blocks["conversation_control"], language),
        memory=MemoryTuning(
            _read(MemoryTuning, memory).identifier_source, _read(RepeatCaller, _mapping(memory.get("repeat_caller")))
        ),
        filler_utterances=_read(Fillers, _in_language(blocks["filler_utterances"], "utterances", language)),
        language_switching=_read(LanguageSwitching, blocks["language_switching"]),
        webchat=_read(Webchat, blocks["webchat"]),
    )


def read_handoff_api(raw: Mapping[str, Json]) -> HandoffApi:
    """What whoever takes over a conversation may read of its state; it holds for all of them alike."""
    block = _mapping(raw.get("handoff_api"))
    keys, named = block.get("state_keys"), _mapping(block.get("aliases"))
    told = tuple(dict.fromkeys(key for key in (keys if isinstance(keys, list) else ()) if _is_name(key)))
    shared = block.get("shared_id_state_key")
    return HandoffApi(
        state_keys=told,
        aliases={key: alias for key, alias in named.items() if key in told and _is_name(alias)},
        shared_id_state_key=shared if _is_name(shared) else None,
    )


def _is_name(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST_NAME and "\0" not in value


@dataclass(frozen=True, slots=True)
class _Where:
    variant: str | None
    flow: str | None
    step: str | None
    channel: str
    language: str

    def overlaid(self, block: _Raw) -> _Raw:
        flow = _mapping(_mapping(block.get("flow_overrides")).get(self.flow or ""))
        layers = (
            _mapping(_mapping(block.get("variant_overrides")).get(self.variant or "")),
            _mapping(_mapping(block.get("channel_overrides")).get(self.channel)),
            _mapping(_pick(_mapping(block.get("language_overrides")), self.language)),
            flow,
            _mapping(_mapping(flow.get("steps")).get(self.step or "")),
        )
        result = dict(block)
        for layer in layers:
            result = _laid_over(result, layer)
        return result


def _laid_over(below: _Raw, above: _Raw) -> dict[str, Json]:
    """Objects are merged, everything else is replaced."""
    result = dict(below)
    for name, value in above.items():
        under = result.get(name)
        result[name] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def _read(block: type[_Block], raw: _Raw) -> _Block:
    """The block with those values that fit their fields' types."""
    fitting: dict[str, Any] = {}
    for each in fields(block):  # type: ignore[arg-type]  # every block is a dataclass
        value = _fit(str(each.type), raw.get(each.name))
        if value is not None:
            fitting[each.name] = value
    return block(**fitting)


def _fit(kind: str, value: Json) -> object:
    """The value as a field of this type holds it, or None where it does not fit."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match kind.removesuffix(" | None"):
        case "bool":
            return value if isinstance(value, bool) else None
        case "int":
            return int(value) if number and value >= 0 and value == int(value) else None  # type: ignore[arg-type,operator]
        case "float":
            return float(value) if number and 0 <= value < 1e9 else None  # type: ignore[arg-type,operator]
        case "str":
            return value if isinstance(value, str) else None
        case "tuple[str, ...]":
            return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None
        case "dict[str, str]":
            return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else None
        case "dict[str, Json]":
            return dict(value) if isinstance(value, dict) else None
    return None


def _checked_prompts(block: _Raw) -> _Raw:
    """Without those prompts that lack the place for what they wrap."""
    needed = {
        "context_information": "{topics_prompt}",
        "non_english_system": "{language_name}",
        "non_english_rag": "{language_name}",
        "language_switching_instructions": "{available_languages}",
    }
    return {name: value for name, value in block.items() if needed.get(name, "") in str(value)}


def _for_channel(block: _Raw, channel: str) -> _Raw:
    exclusions = _mapping(block.get("channel_topic_exclusions")).get(channel)
    return {**block, "channel_topic_exclusions": exclusions}


def _read_control(block: _Raw, language: str) -> ConversationControl:
    control = _read(ConversationControl, _in_language(block, "hangup_utterance", language))
    disclaimer = block.get("disclaimer_message")
    if not isinstance(disclaimer, dict):
        return control
    return ConversationControl(
        control.max_silence_count,
        control.silence_timeout,
        control.hangup_utterance,
        control.min_chunk_size,
        _read(ChannelDisclaimer, disclaimer),
    )


def _in_language(block: _Raw, name: str, language: str) -> _Raw:
    value = block.get(name)
    return {**block, name: _pick(value, language)} if isinstance(value, dict) else block


def _pick(by_language: _Raw, language: str) -> Json:
    """What is given for this language: exactly, else for any region of it."""
    if language in by_language:
        return by_language[language]
    for code, value in by_language.items():
        if is_language(language, code) or is_language(code, language.partition("-")[0]):
            return value
    return None


def _mapping(value: Json) -> _Raw:
    return value if isinstance(value, dict) else {}
