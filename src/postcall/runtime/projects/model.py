"""A project as the rest of the runtime knows it, whatever its files looked like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from postcall.domain.calls import Json
from postcall.domain.conversations import FunctionKind


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the files that cannot work as it stands. It disables only itself."""

    file: str
    """Within the project, with forward slashes."""
    line: int | None
    """From 1; None where the whole file is meant."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the model must give to a function."""

    name: str
    type: str
    """As JSON schema names it: string, integer, number or boolean."""
    description: str


@dataclass(frozen=True, slots=True)
class DelayResponse:
    """A filler that is spoken while a function runs."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LatencyControl:
    """When fillers are spoken."""

    delay_before_responses_start: float = 0.0
    silence_after_each_response: float = 0.0
    delay_responses: tuple[DelayResponse, ...] = ()
    randomize: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function file, read without running it."""

    name: str
    """The file's stem, which is also the function's name."""
    kind: FunctionKind
    file: str
    module: str
    """As Python imports it: `functions.book`, `flows.booking.functions.confirm`."""
    flow: str | None = None
    """The name of its flow, not the folder's."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    latency: LatencyControl | None = None
    offered: bool = True
    """False where its signature cannot be shown to a model: only code may call it then."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A way out of a default step."""

    name: str
    description: str
    child_step: str | None
    """None: it leaves the flow."""
    required_entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a flow that the model works on."""

    name: str
    prompt: str
    file: str
    is_default: bool = False
    """A default step collects entities and has conditions; an advanced one has functions in its prompt."""
    extracted_entities: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    settings: dict[str, Json] = field(default_factory=dict)
    """`asr_biasing`, `dtmf_config`, `llm` and the others, as the file has them."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A part of the conversation with steps of its own."""

    name: str
    folder: str
    description: str
    start_step: str
    steps: dict[str, Step]
    function_steps: dict[str, FunctionSpec]
    functions: dict[str, FunctionSpec]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that the agent knows about."""

    name: str
    content: str
    actions: str
    example_queries: tuple[str, ...]
    enabled: bool = True
    variant: str | None = None
    """Set where only this variant has the topic."""
    file: str = ""


class EntityType(StrEnum):
    """What kind of value a default step collects."""

    NUMERIC = "numeric"
    ALPHANUMERIC = "alphanumeric"
    ENUM = "enum"
    DATE = "date"
    PHONE_NUMBER = "phone_number"
    TIME = "time"
    ADDRESS = "address"
    FREE_TEXT = "free_text"
    NAME = "name_config"


@dataclass(frozen=True, slots=True)
class Entity:
    """A value that default steps collect."""

    name: str
    description: str
    type: EntityType
    config: dict[str, Json]


@dataclass(frozen=True, slots=True)
class HandoffTarget:
    """Where a conversation may be passed to."""

    name: str
    description: str
    is_default: bool
    sip_config: dict[str, Json]
    sip_headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """A text message prepared in the project."""

    name: str
    text: str
    phone_numbers: dict[str, str]
    """By environment: `sandbox`, `pre_release`, `live`."""


@dataclass(frozen=True, slots=True)
class PhraseFilter:
    """What the model is not to say as it is."""

    name: str
    patterns: tuple[str, ...]
    say_phrase: bool
    language: str | None
    function: str | None
    """A global function to call when the phrase occurs."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A replacement in what the user said."""

    pattern: str
    replacement: str
    """With `\\1` for groups."""
    kind: str
    """`full`, `partial` or `substring`."""


@dataclass(frozen=True, slots=True)
class Disclaimer:
    """Said before the greeting."""

    message: str
    language: str | None


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What is particular to voice or to chat."""

    greeting: str = ""
    greeting_language: str | None = None
    style_prompt: str = ""
    disclaimers: tuple[Disclaimer, ...] = ()
    """Only those that are enabled."""


@dataclass(frozen=True, slots=True)
class ApiIntegration:
    """Somebody else's HTTP interface, as `conv.api` calls it."""

    name: str
    environments: dict[str, dict[str, str]]
    """By environment (`sandbox`, `pre_release`, `live`): `base_url`, `auth_type`."""
    operations: dict[str, dict[str, str]]
    """By name: `method`, `resource`."""


@dataclass(frozen=True, slots=True)
class RealTimeConfig:
    """Settings that change without a new version."""

    schema: dict[str, Json]
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Project:
    """Everything of a project folder that matters at run time. Frozen, and shared by all its conversations."""

    project_id: str
    account_id: str
    name: str
    region: str = ""
    personality: str = ""
    """Ready for the prompt: adjectives and free text, references still in it."""
    role: str = ""
    rules: str = ""
    default_language: str = "en-US"
    additional_languages: tuple[str, ...] = ()
    voice: ChannelConfig = ChannelConfig()
    chat: ChannelConfig = ChannelConfig()
    topics: tuple[Topic, ...] = ()
    functions: dict[str, FunctionSpec] = field(default_factory=dict)
    """Those of `functions/` by name, `start_function` and `end_function` included."""
    flows: dict[str, Flow] = field(default_factory=dict)
    """By the name in `flow_config.yaml`, which is not always the folder's."""
    entities: dict[str, Entity] = field(default_factory=dict)
    handoffs: dict[str, HandoffTarget] = field(default_factory=dict)
    sms_templates: dict[str, SmsTemplate] = field(default_factory=dict)
    variants: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Each variant's attributes by name, in the order of the file."""
    default_variant: str | None = None
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    """By name, then by language."""
    api_integrations: dict[str, ApiIntegration] = field(default_factory=dict)
    phrase_filters: tuple[PhraseFilter, ...] = ()
    corrections: tuple[Correction, ...] = ()
    experimental: dict[str, Json] = field(default_factory=dict)
    """experimental_config.json as it is; `runtime/texts/experimental.py` reads it."""
    real_time_configs: dict[str, RealTimeConfig] = field(default_factory=dict)
    """By environment (`sandbox`, `pre-release`, `live`)."""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The Python files by path within the project, for the processes that run them; `_gen` is left out."""
    requirements: tuple[str, ...] = ()
    """Third-party packages that the project declares (requirements.txt)."""
    problems: tuple[Problem, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """All that it speaks, the default first."""
        return (self.default_language, *self.additional_languages)

    def function(self, name: str, flow: str | None = None) -> FunctionSpec | None:
        """The function that a model or a reference means: of this flow (`flow` given) or a global one."""
        if flow is not None:
            of_flow = self.flows.get(flow)
            return of_flow.functions.get(name) if of_flow is not None else None
        return self.functions.get(name)
