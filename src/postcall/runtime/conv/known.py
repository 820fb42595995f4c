"""What a conversation knows: the part of `conv` that reads."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Literal

from postcall.runtime.conv.api import ApiExecutor, ApiIntegrationData
from postcall.runtime.conv.channel import Channel, Find, NotRunning, nothing_to_find
from postcall.runtime.conv.clock import Clock, KnowledgeBase
from postcall.runtime.conv.dialling import AgenticDial, AgenticDialData
from postcall.runtime.conv.entities import EntityValidationResult
from postcall.runtime.conv.events import ExternalEvents, GenericExternalEvent, SMSReceived
from postcall.runtime.conv.executors import FunctionExecutor
from postcall.runtime.conv.flow import FlowTransition
from postcall.runtime.conv.handoffs import HandoffConfig
from postcall.runtime.conv.history import AgentResponse, UserInput
from postcall.runtime.conv.integrations import Connectors, Integrations
from postcall.runtime.conv.logs import ConversationLogger
from postcall.runtime.conv.mappings import (
    Entities,
    Memory,
    ReadOnlyDict,
    RealtimeConfig,
    TranslationReplacementProxy,
    Variant,
)
from postcall.runtime.conv.messages import SMSTemplate
from postcall.runtime.conv.metrics import MetricEvent, Metrics
from postcall.runtime.conv.state import State
from postcall.runtime.conv.utils import Utils
from postcall.runtime.conv.webchat import WebchatInterface
from postcall.runtime.conv.wishes import Wishes
from postcall.runtime.protocol import StaticProject


@dataclass(frozen=True, slots=True)
class Around:
    """What a `conv` stands in while a function runs."""

    project: StaticProject
    channel: Channel
    find: Find
    kind: str = ""
    """The FunctionKind that runs."""


class Known:
    """Identity and context of a conversation."""

    utils: Utils
    log: ConversationLogger
    memory: Memory

    def __init__(
        self,
        call_sid: str,
        account_id: str,
        project_id: str,
        env: str,
        sip_headers: dict[str, str],
        state: State,
        current_flow: str | None,
        current_step: str | None,
        flow_transition: FlowTransition,
        caller_number: str | None,
        callee_number: str | None,
        variant: str | None = None,
        variants: dict[str, Variant] | None = None,
        sms_templates: dict[str, SMSTemplate] | None = None,
        language: str | None = None,
        turn_number: int | None = None,
        history: list[UserInput | AgentResponse] | None = None,
        transcript_alternatives: list[str] | None = None,
        handoffs: dict[str, HandoffConfig] | None = None,
        integration_attributes: dict[str, Any] | None = None,
        memory: Memory | None = None,
        metric_events: list[MetricEvent] | None = None,
        sms_received: list[SMSReceived] | None = None,
        realtime_config: dict[str, Any] | None = None,
        functions: dict[str, Any] | None = None,
        vpc_enabled: bool | None = None,
        generic_external_events: list[GenericExternalEvent] | None = None,
        channel_type: Literal["sms", "VOICE", "sip.polyai"] | None = None,
        entities: dict[str, EntityValidationResult] | None = None,
        apis: list[ApiIntegrationData] | None = None,
        variables: dict[str, str] | None = None,
        translations: dict[str, dict[str, str]] | None = None,
        agentic_dial: AgenticDialData | None = None,
        provider_voice_id: str | None = None,
        integrations_config: dict[str, Any] | None = None,
    ) -> None:
        self._id, self._account_id, self._project_id, self._env = call_sid, account_id, project_id, env
        self._sip_headers = sip_headers or {}
        self._state = state
        self._current_flow, self._current_step = current_flow, current_step
        self.flow_transition = flow_transition
        self._caller_number, self._callee_number = caller_number, callee_number
        self._variant_name, self._variants = variant, variants or {}
        self._sms_templates = sms_templates or {}
        self._language = language
        self.turn_number = turn_number
        self._history = history or []
        self._alternatives = transcript_alternatives or []
        self._handoffs = handoffs or {}
        self._integration_attributes = integration_attributes
        self.memory = memory or Memory({})
        self._real_time_config = RealtimeConfig(**(realtime_config or {}))
        self._external_events = generic_external_events or []
        self._channel_type = channel_type or "sip.polyai"
        self._entities = Entities(entities or {})
        self._translations = translations or {}
        self._provider_voice_id = provider_voice_id or ""
        self.given_functions = functions or {}
        self.external_events = ExternalEvents(sms_received or [])
        self.agentic_dial = AgenticDial(agentic_dial)
        self.webchat_asked = WebchatInterface()
        self._apis = {
            one.name: {"operations": {operation["name"]: operation for operation in one.operations}}
            for one in apis or []
        }
        self._analytics_events: list[Any] = []
        self.wishes = Wishes()
        project = StaticProject(account_id, project_id, default_language=language or "en-US")
        self.surround(Around(project, NotRunning(), nothing_to_find), [(e.name, e.value) for e in metric_events or ()])

    def surround(
        self,
        around: Around,
        metrics: list[tuple[str, Any]] | tuple[tuple[str, Any], ...],
        *,
        has_model: bool = False,
        now: float | None = None,
        disabled_topics: tuple[str, ...] = (),
    ) -> None:
        """Put it where a function runs: what it writes, logs and asks goes through this channel."""
        self.around = around
        self.log = ConversationLogger.into(around.channel)
        self.utils = Utils.asking(around.channel, has_model=has_model, project_id=self._project_id)
        self.metrics = Metrics(metrics, around.channel)
        self.clock = Clock(now)
        self.knowledge_base = KnowledgeBase(disabled_topics, self._disable)

    def _disable(self, topics: tuple[str, ...]) -> None:
        self.wishes.disabled_topics = topics

    @property
    def find(self) -> Find:
        """Where the project's functions are looked up."""
        return self.around.find

    @property
    def id(self) -> str:
        return self._id

    @property
    def account_id(self) -> str:
        return self._account_id

    @property
    def project_id(self) -> str:
        return self._project_id

    @property
    def env(self) -> str:
        return self._env

    @property
    def channel_type(self) -> str:
        return self._channel_type

    @property
    def sip_headers(self) -> dict[str, str]:
        return self._sip_headers

    @property
    def integration_attributes(self) -> dict[str, Any] | None:
        return self._integration_attributes

    @property
    def caller_number(self) -> str | None:
        return self._caller_number

    @property
    def callee_number(self) -> str | None:
        return self._callee_number

    @property
    def state(self) -> State:
        return self._state

    @property
    def entities(self) -> Entities:
        return self._entities

    @property
    def current_flow(self) -> str | None:
        return self._current_flow

    @property
    def current_step(self) -> str | None:
        return self._current_step

    @property
    def variant_name(self) -> str | None:
        return self._variant_name

    @property
    def variants(self) -> dict[str, Variant]:
        return self._variants

    @property
    def variant(self) -> Variant | None:
        """The attributes of the active variant; None where the project has no variants."""
        return self._variants.get(self._variant_name) if self._variant_name is not None else None

    @property
    def sms_templates(self) -> dict[str, SMSTemplate]:
        return self._sms_templates

    @property
    def language(self) -> str | None:
        return self._language

    @property
    def history(self) -> list[UserInput | AgentResponse]:
        return list(self._history)

    @property
    def handoffs(self) -> dict[str, HandoffConfig]:
        return self._handoffs

    @property
    def transcript_alternatives(self) -> list[str]:
        return list(self._alternatives)

    @property
    def real_time_config(self) -> dict[str, Any | None]:
        return self._real_time_config

    @property
    def functions(self) -> FunctionExecutor:
        return FunctionExecutor(self)  # type: ignore[arg-type]  # every Known is a Conversation

    @property
    def api(self) -> ApiExecutor:
        return ApiExecutor(self, self._apis)  # type: ignore[arg-type]  # the same

    @property
    def generic_external_events(self) -> list[dict[str, Any]]:
        return [copy.copy(vars(event)) for event in self._external_events]

    @property
    def webchat(self) -> WebchatInterface:
        return self.webchat_asked

    @property
    def translations(self) -> TranslationReplacementProxy:
        default = self.around.project.default_language
        return TranslationReplacementProxy.falling_back(self._translations, self._language, default=default)

    @property
    def provider_voice_id(self) -> str:
        return self._provider_voice_id

    @property
    def integrations(self) -> Integrations:
        return Integrations(self.log)

    @property
    def connectors(self) -> Connectors:
        return Connectors("conv.connectors")

    @property
    def cxone(self) -> Connectors:
        return Connectors("conv.cxone")

    @property
    def verified_context(self) -> ReadOnlyDict:
        """Empty: postcall verifies no callers."""
        return ReadOnlyDict()

    @property
    def outbound_campaign(self) -> ReadOnlyDict:
        """Empty, as for every call that no campaign made."""
        return ReadOnlyDict()

    @property
    def metric_events(self) -> list[MetricEvent]:
        """Every write of the conversation so far, those of the platform included."""
        return self.metrics.events()

    @property
    def metrics_queue(self) -> list[dict[str, Any]]:
        return self.metrics.queue()
