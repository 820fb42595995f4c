"""The modules that a project may import without having them: `_gen`, `imports`, `plog`, `log`, `polyai`."""

from __future__ import annotations

import types
from typing import Any

from postcall.runtime.conv import (
    api,
    conversation,
    decorators,
    dialling,
    entities,
    errors,
    events,
    executors,
    flow,
    handoffs,
    history,
    integrations,
    logs,
    mappings,
    messages,
    metrics,
    settings,
    state,
    utils,
    voices,
    webchat,
)

_OF_CONVERSATION = {
    "SMSIntegrationNotFound": errors,
    "SMSMissingAssistantAccess": errors,
    "MissingTemplate": errors,
    "MissingHandoff": errors,
    "Variant": mappings,
    "Entities": mappings,
    "HandoffConfig": handoffs,
    "Handoff": handoffs,
    "FlowTransition": flow,
    "ApiIntegrationData": api,
    "ASRBiasing": settings,
    "State": state,
    "ReadOnlyDict": mappings,
    "TranslationReplacementProxy": mappings,
    "RealtimeConfig": mappings,
    "MetricEvent": metrics,
    "FunctionExecutor": executors,
    "ApiExecutor": api,
    "Conversation": conversation,
    "SupportedLanguageCodes": conversation,
}
_VOICES = (
    "TTSVoice",
    "CustomVoice",
    "ElevenLabsVoice",
    "RimeVoice",
    "EmotionKind",
    "EmotionIntensity",
    "Emotion",
    "CartesiaVoice",
    "PlayHTVoice",
    "MinimaxVoice",
    "HumeVoice",
    "GoogleVoice",
    "XaiVoice",
    "GradiumVoice",
    "HamsaVoice",
    "GoogleGeminiVoice",
    "VoiceWeighting",
    "EmotionKindValue",
    "EmotionIntensityValue",
    "VoiceType",
)
_PYDANTIC = (
    "BaseRangeConfig",
    "NonNegativeMaxRangeConfig",
    "NumericConfig",
    "QuantityConfig",
    "CurrencyConfig",
    "NameConfig",
    "FreeTextConfig",
    "AlphanumericConfig",
    "DateConfig",
    "EmailConfig",
    "TimeConfig",
    "PhoneNumberConfig",
    "EnumConfig",
    "EntityConfig",
)
"""Names that cost the import of pydantic, and so are made when somebody asks for one."""
_EXPORTS: dict[str, dict[str, types.ModuleType]] = {
    "agentic_dial": {
        "Destination": handoffs,
        **dict.fromkeys(
            (
                "AgenticDialConfig",
                "AgenticDialData",
                "MessageToParent",
                "MessageToChild",
                "Destinations",
                "AgenticDial",
            ),
            dialling,
        ),
    },
    "attachment": {"Attachment": webchat},
    "conv_utils": {"Utils": utils, "PromptLLMCallLimitError": errors, "ChatCompletionError": errors},
    "conversation": {**_OF_CONVERSATION, **dict.fromkeys(_VOICES, voices)},
    "decorators": dict.fromkeys(("func_parameter", "func_description", "func_latency_control"), decorators),
    "emails": {"OutgoingEmail": messages},
    "entity_validator": {"EntityValidationResult": entities},
    "external_events": dict.fromkeys(("Event", "GenericExternalEvent", "SMSReceived", "ExternalEvents"), events),
    "flow": {
        **dict.fromkeys(("Transition", "StepTransition", "Flow"), flow),
        "FlowFunctionExecutor": executors,
    },
    "history": dict.fromkeys(("UserInput", "AgentResponse"), history),
    "integrations": {},
    "integrations.integration": {"Integration": integrations},
    "integrations.integrations": {"Integrations": integrations},
    "integrations.available_integrations": {},
    "integrations.available_integrations.opentable": {"OpenTable": integrations},
    "integrations.available_integrations.tripleseat": {"Tripleseat": integrations},
    "log_utils": {"ConversationLogger": logs},
    "memory": {"Memory": mappings},
    "secret_vault": dict.fromkeys(("InvalidInput", "MissingAccess", "SecretNotFound"), errors),
    "sms": {
        "SMSClientFailure": errors,
        **dict.fromkeys(
            (
                "SMSCredentials",
                "SMSTemplate",
                "OutgoingSMSTemplate",
                "OutgoingSMS",
                "SMSSentEvent",
                "SMSClient",
                "TwilioSMSClient",
                "TelnyxSMSClient",
                "SMSObj",
            ),
            messages,
        ),
    },
    "value_extraction": {"ExtractionError": errors, "Address": utils},
    "value_extraction_types": dict.fromkeys(("EntityType", "NumericType"), entities),
    "webchat": dict.fromkeys(("ChatCallAction", "WebchatInterface"), webchat),
}


class _Supplied(types.ModuleType):
    """A module without a file. Names that need pydantic are made when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("__all__", ()) and name in _PYDANTIC:
            from postcall.runtime.conv import entity_types

            value = getattr(entity_types, name)
            setattr(self, name, value)
            return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def supplied_modules() -> dict[str, types.ModuleType]:
    """Every module by its name, new ones at each call: packages before what is in them, ready for `sys.modules`."""
    modules = {name: _module(name, names) for name, names in _all_names().items()}
    for name, module in modules.items():
        package, _, last = name.rpartition(".")
        if package:
            modules[package].__path__ = []
            setattr(modules[package], last, module)
    return modules


def star_names(source: str | None = None) -> dict[str, object]:
    """What `from _gen import *` puts into a module.

    With the module's source, names that cost the import of pydantic are left out unless the source mentions them.
    """
    names: dict[str, object] = {**_gen_names(), "log": logs.plog}
    wanted = [name for name in _PYDANTIC if source is None or name in source]
    if wanted:
        from postcall.runtime.conv import entity_types

        names.update((name, getattr(entity_types, name)) for name in wanted)
    return names


def _gen_names() -> dict[str, Any]:
    """The exports of `_gen` itself, apart from those of pydantic."""
    return {
        name: getattr(module, name)
        for part, exports in _EXPORTS.items()
        if not part.startswith("integrations")
        for name, module in exports.items()
    }


def _all_names() -> dict[str, dict[str, Any]]:
    gen = _gen_names()
    voice = {name: gen[name] for name in _VOICES}
    plog = {name: getattr(logs.plog, name) for name in ("info", "warning", "error", "tmp_bind")}
    return {
        "_gen": gen,
        **{
            f"_gen.{part}": {name: getattr(module, name) for name, module in exports.items()}
            for part, exports in _EXPORTS.items()
        },
        "imports": gen,
        "plog": plog,
        "log": plog,
        "polyai": {},
        "polyai.voice": voice,
        "polyai.webchat": {"ChatCallAction": gen["ChatCallAction"], "WebchatInterface": gen["WebchatInterface"]},
        "polyai.attachments": {"Attachment": gen["Attachment"]},
    }


def _module(name: str, names: dict[str, Any]) -> types.ModuleType:
    module = _Supplied(name, "Supplied by postcall.")
    module.__dict__.update(names)
    late = _PYDANTIC if name in ("_gen", "imports", "_gen.value_extraction_types") else ()
    module.__dict__["__all__"] = [*names, *late]
    return module
