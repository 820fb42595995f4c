"""What a session and the process that runs its functions tell each other, as MessagePack frames over a socket.

A process belongs to one version of one agent, is told the project once (`Boot`), and then runs one function at a time
(`RunFunction` → any number of `Wrote`, `Logged` and `Ask` → `FunctionDone`). It has neither the record nor keys: what
needs them is asked of the session (`Ask` → `Answered`), which decides.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class Frame(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """A message in either direction."""


class StaticProject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `conv` shows of the project and no conversation changes."""

    account_id: str
    project_id: str
    default_language: str = "en-US"
    languages: tuple[str, ...] = ()
    variants: dict[str, dict[str, Any]] = {}
    default_variant: str | None = None
    handoffs: dict[str, dict[str, Any]] = {}
    """By name: `is_default`, `description`, `sip_config`, `sip_headers`."""
    sms_templates: dict[str, dict[str, Any]] = {}
    """By name: `text`, `phone_numbers` (by environment)."""
    translations: dict[str, dict[str, str]] = {}
    api_integrations: dict[str, dict[str, Any]] = {}
    """By name: `environments`, `operations`."""
    topics: tuple[str, ...] = ()
    """Their names."""
    flows: dict[str, str] = {}
    """Folder by flow name: flow functions are imported from there."""


class Limits(msgspec.Struct, frozen=True):
    """What a process may use."""

    memory_bytes: int
    open_files: int = 256
    file_bytes: int = 32 * 1024 * 1024
    """The largest file that it may write."""
    import_s: float = 10.0
    """How long a module's top level may take."""
    folders: tuple[str, ...] = ()
    """What it may read and write besides an empty folder of its own."""


class Boot(Frame, frozen=True, tag="boot"):
    """The first frame: the project. Answered by `Booted`."""

    project: StaticProject
    sources: dict[str, str]
    """Python files by path within the project."""
    limits: Limits
    blocked: dict[str, str] = {}
    """Modules that are left out, each with the reason."""


class Blocked(Frame, frozen=True, tag="blocked"):
    """A module is left out from now on; before `Booted`, since that may never come."""

    module: str
    why: str


class BrokenModule(msgspec.Struct, frozen=True):
    """A module that cannot be imported; it disables only itself."""

    module: str
    file: str
    line: int | None
    message: str


class Booted(Frame, frozen=True, tag="booted"):
    """Every module was tried once."""

    broken: tuple[BrokenModule, ...] = ()


class Spoken(msgspec.Struct, frozen=True):
    """One entry of `conv.history`."""

    role: str
    """`user` or `agent`."""
    text: str


class Written(msgspec.Struct, frozen=True):
    """One write of a metric."""

    name: str
    value: str | int | float | bool | None
    """None: written without a value, a flag."""
    at: float
    """Unix seconds."""
    odd: bool = False
    """The value was of a type that no metric has; `value` is its text."""


class CollectedEntity(msgspec.Struct, frozen=True):
    """An entity of `conv.entities`."""

    id: str
    name: str
    valid: bool
    value: str
    type: str
    error: str | None = None
    details: dict[str, Any] = {}


class Context(msgspec.Struct, frozen=True, omit_defaults=True):
    """The conversation as a function finds it; from this and the state `conv` is built."""

    id: str
    env: str
    channel_type: str
    """As projects know channels: `sip.polyai`, `webchat.polyai`, `chat.polyai`, `sms.polyai` …"""
    turn: int = 0
    caller_number: str | None = None
    callee_number: str | None = None
    sip_headers: dict[str, str] = {}
    integration_attributes: dict[str, Any] | None = None
    language: str | None = None
    current_flow: str | None = None
    current_step: str | None = None
    variant: str | None = None
    variant_attributes: dict[str, Any] = {}
    """Attributes that functions have set on the active variant, over those of the project."""
    history: tuple[Spoken, ...] = ()
    transcript_alternatives: tuple[str, ...] = ()
    metric_events: tuple[tuple[str, Any], ...] = ()
    """Name and value of every write so far, those of the platform included."""
    entities: dict[str, CollectedEntity] = {}
    real_time_config: dict[str, Any] = {}
    memory: dict[str, Any] = {}
    external_events: tuple[dict[str, Any], ...] = ()
    disabled_topics: tuple[str, ...] = ()
    has_model: bool = False
    """Whether `utils.prompt_llm` may be used at all."""
    now: float | None = None
    """Unix seconds that `conv.clock` starts at; None: the machine's clock."""
    shared_id: str | None = None
    state_changes: dict[str, Any] = {}
    """To be put into the state before the function runs, as if it had always been there: texts and numbers."""


class RunFunction(Frame, frozen=True, tag="run"):
    """Run one function."""

    id: int
    kind: str
    """A FunctionKind."""
    name: str
    module: str
    context: Context
    state: bytes
    """As the last `FunctionDone` left it; empty at first. Only these processes look inside."""
    flow: str | None = None
    """Of a flow's function or function step: the flow's name."""
    arguments: dict[str, Any] = {}


class Wrote(Frame, frozen=True, tag="wrote"):
    """Metrics, a few milliseconds after they were written at the latest."""

    id: int
    writes: tuple[Written, ...]


class Line(msgspec.Struct, frozen=True):
    """A line of the conversation's log."""

    level: str
    """`info`, `warning`, `error` or `print`."""
    content: str
    at: float
    is_pii: bool = False
    extras: dict[str, Any] = {}


class Logged(Frame, frozen=True, tag="logged"):
    """Log lines, like metrics."""

    id: int
    lines: tuple[Line, ...]


class Ask(Frame, frozen=True, tag="ask"):
    """The function needs something that only the session has, and waits. Several may wait, from several threads."""

    id: int
    ask: int
    """Its number within the run."""
    what: str
    """`prompt_llm`, `get_secret`, `api_request`."""
    arguments: dict[str, Any] = {}


class Answered(Frame, frozen=True, tag="answered"):
    """The answer, or the name and the arguments of the documented exception that the function is to see."""

    ask: int
    value: Any = None
    error: str | None = None
    """`NotImplementedError`, `ChatCompletionError`, `PromptLLMCallLimitError`, `SecretNotFound`, `MissingAccess`,
    `InvalidInput`, `ConnectionError` …"""
    error_arguments: tuple[Any, ...] = ()


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the conversation is to go on, as the last of the calls and the returned transition have it."""

    goto_flow: str | None = None
    goto_step: str | None = None
    exit_flow: bool = False
    label: str | None = None

    def __bool__(self) -> bool:
        return bool(self.goto_flow or self.goto_step or self.exit_flow)


class AskedHandoff(msgspec.Struct, frozen=True, omit_defaults=True):
    """A handoff that was asked for, by `call_handoff` or in the returned dictionary."""

    destination: str | None = None
    """None: the default one."""
    reason: str | None = None
    utterance: str | None = None
    sip_headers: dict[str, str] = {}
    route: str | None = None
    method: str | None = None
    """`refer`, `invite`, `bye` … where a returned dictionary says so."""
    contained: bool = False
    """A goodbye in the shape of a handoff: the call counts as ended, not as passed on."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """An SMS, e-mail or WhatsApp message to send at the end of the turn."""

    kind: str
    to: str
    content: dict[str, Any] = {}
    retry_count: int | None = None


class Effects(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a function asked for through `conv` and `flow`; fields that are None or empty were left alone."""

    moved: Moved = Moved()
    say: str | None = None
    handoff: AskedHandoff | None = None
    messages: tuple[Message, ...] = ()
    variant: str | None = None
    variant_attributes: dict[str, Any] = {}
    """Assigned on the active variant."""
    language: str | None = None
    voice: dict[str, Any] | None = None
    asr_biasing: dict[str, Any] | None = None
    """`keywords`, `custom_biases`; both None: cleared."""
    background_track: dict[str, Any] | None = None
    csat: dict[str, Any] = {}
    """What `goto_csat_flow` and the `set_csat_…` calls were given."""
    attachments: tuple[dict[str, Any], ...] = ()
    response_suggestions: tuple[str, ...] | None = None
    chat_call_actions: tuple[dict[str, Any], ...] | None = None
    disabled_topics: tuple[str, ...] | None = None
    """The whole list after this function."""
    discard_recording: bool = False
    external_events: tuple[dict[str, Any], ...] = ()
    """`ext_event_id`, `send_to_llm`, `created_at`."""
    entities: dict[str, CollectedEntity] | None = None
    """The whole of `conv.entities`, where the function changed it."""
    api_responses: tuple[dict[str, Any], ...] = ()
    """What `log_api_response` was given: `url`, `method`, `status`, `seconds`."""
    notes: tuple[str, ...] = ()
    """What could not be done and is to be seen by the author: an unknown variant, a handoff without an entry."""


class Failed(msgspec.Struct, frozen=True):
    """A FunctionFailure, as it travels."""

    kind: str
    message: str
    trace: str = ""


class Returned(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the function returned, read by the rules for return values."""

    text: str | None = None
    """A text, or the `content` of a dictionary."""
    utterance: str | None = None
    """Spoken as it is; `""` is silence, None is no utterance."""
    end_turn: bool = True
    """False only where a dictionary with an utterance says so."""
    hangup: bool = False
    listen: dict[str, Any] | None = None
    utterance_channel: str | None = None
    raw: Any = None
    """All of it as JSON has it, to be shown."""


class FunctionDone(Frame, frozen=True, tag="done"):
    """The function has ended; `moved`, `handoff` and `variant` of a returned dictionary are in `effects`."""

    id: int
    state: bytes
    """Pickled; also after a failure, since what was set before it is kept."""
    projection: dict[str, Any]
    """All of `conv.state` as JSON has it; what JSON cannot say is its text."""
    texts: dict[str, str]
    """Each value as `$name` and `{{vrbl:name}}` show it; None values are left out."""
    returned: Returned = Returned()
    effects: Effects = Effects()
    failed: Failed | None = None
    seconds: float = 0.0
    added: dict[str, Any] = {}
    """State keys that are new, with their projection; likewise the next two."""
    updated: dict[str, Any] = {}
    """`{"before": …, "after": …}`."""
    removed: tuple[str, ...] = ()
    threads_left: int = 0
    """Threads that the function began and that still run: the process is not used again."""
    children_left: bool = False
    """Processes that it started still ran, and were ended: likewise."""


ToProcess: TypeAlias = Boot | RunFunction | Answered
FromProcess: TypeAlias = Blocked | Booted | Wrote | Logged | Ask | FunctionDone

encode = msgspec.msgpack.Encoder(enc_hook=str).encode
"""Frames as bytes; on the wire each is preceded by its length as four bytes, big-endian."""
decode_to_process = msgspec.msgpack.Decoder(ToProcess).decode
decode_from_process = msgspec.msgpack.Decoder(FromProcess).decode
