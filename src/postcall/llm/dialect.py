"""What an endpoint takes, and how that is learned from what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from postcall.llm.complaint import Complaint

COMPLAINT_STATUSES = frozenset({400, 404, 415, 422, 501})
"""The statuses under which servers say that they do not know a parameter."""
_OF_TEMPLATES = COMPLAINT_STATUSES | {500}
"""Chat templates complain while the prompt is built, which some servers take for their own failure."""

_ABOUT_FORMAT = re.compile(
    r"response[_ ]?format|json[_ ]?schema|json[_ ]?object|json[_ ]mode|structured[_ ]?outputs?|grammar|guided",
    re.IGNORECASE,
)
_ABOUT_ONE_SCHEMA = re.compile(r"invalid schema|invalid_json_schema|schema.{0,40}too complex|parse grammar", re.I)
_ABOUT_TOKEN_LIMIT = re.compile(r"max_(completion_)?tokens")
_ABOUT_STREAM_OPTIONS = re.compile(r"stream_options|include_usage")
_ABOUT_ONE_AT_A_TIME = re.compile(r"parallel_tool_calls|parallel (tool|function)", re.IGNORECASE)
_NO_STREAM = re.compile(r"\bstream(ing)?\b.{0,40}\b(not|un)[ -]?(supported|available|permitted|implemented)", re.I)
_NO_TOOLS = re.compile(
    r"(not|n't|unable to|no endpoints found that) support (tools?|tool[ _]\w+|functions?|function[ _]\w+)\b"
    r"|\b(tools?|tool[ _](use|calls?|calling|choice)|functions?|function[ _]call(s|ing)?)\b[^.]{0,40}"
    r"\b((not|un)[ -]?(supported|available|enabled|permitted|implemented)|requires? --)"
    r"|enable-auto-tool-choice",
    re.IGNORECASE,
)
_ABOUT_ROLES = re.compile(
    r"roles? must alternate|system (message|role|prompt)s?.{0,40}(beginning|first|start|only one|not supported)"
    r"|only (supports? )?(one|a single) system",
    re.IGNORECASE,
)
_OF_TOOLS = frozenset({"tools", "tool_choice"})


class Format(Enum):
    """How a reply is held to JSON, from the strongest."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PLAIN = "plain"


_WEAKER = {Format.SCHEMA: Format.OBJECT, Format.OBJECT: Format.PLAIN}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of one model behind one endpoint."""

    format: Format = Format.SCHEMA
    refused_schemas: frozenset[bytes] = frozenset()
    """Schemas that it does not take although it may take others."""
    token_limits: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names for the token limit that were not refused; the first is used."""
    streams: bool = True
    stream_usage: bool = True
    """Whether it counts tokens in streams when asked to."""
    tools: bool = True
    one_at_a_time: bool = True
    """Whether it can be told to make one call at a time."""
    any_roles: bool = True
    """Whether system messages may stand anywhere, and two messages of one role in a row."""

    def format_for(self, schema: bytes) -> Format:
        """The strongest format that may work for a schema."""
        if self.format is Format.SCHEMA and schema in self.refused_schemas:
            return Format.OBJECT
        return self.format


@dataclass(frozen=True, slots=True)
class Sent:
    """What a refused request held of all that endpoints refuse."""

    format: Format = Format.PLAIN
    schema: bytes = b""
    """With `Format.SCHEMA`."""
    limited: bool = False
    """It had a token limit."""
    streamed: bool = False
    stream_usage: bool = False
    tools: bool = False
    one_at_a_time: bool = False
    free_roles: bool = False
    """It had a system message after the first, or two messages of one role in a row."""


@dataclass
class Knowledge:
    """What was learned of one model."""

    dialect: Dialect = field(default_factory=Dialect)

    def give_way(self, used: Dialect, complaint: Complaint, sent: Sent) -> bool:
        """Learn from a refusal; False where it is about something else, or nothing plainer is left."""
        plainer = learn(used, complaint, sent)
        if plainer is not None and self.dialect is used:
            # Otherwise another request has learned meanwhile, perhaps more.
            self.dialect = plainer
        return plainer is not None


def learn(dialect: Dialect, complaint: Complaint, sent: Sent) -> Dialect | None:
    """The dialect to try after a complaint; None where it is not about the dialect, or nothing weaker is left."""
    if complaint.status in _OF_TEMPLATES:
        if sent.free_roles and _ABOUT_ROLES.search(complaint.head):
            return replace(dialect, any_roles=False)
        if sent.tools and not _is_about(complaint, _ABOUT_ONE_AT_A_TIME) and _refuses_tools(complaint):
            return replace(dialect, tools=False)
    if complaint.status not in COMPLAINT_STATUSES:
        return None
    if sent.limited and dialect.token_limits and _is_about(complaint, _ABOUT_TOKEN_LIMIT):
        return replace(dialect, token_limits=dialect.token_limits[1:])
    if sent.one_at_a_time and _is_about(complaint, _ABOUT_ONE_AT_A_TIME):
        return replace(dialect, one_at_a_time=False)
    if sent.stream_usage and _is_about(complaint, _ABOUT_STREAM_OPTIONS):
        return replace(dialect, stream_usage=False)
    if sent.streamed and (complaint.param == "stream" or _NO_STREAM.search(complaint.head)):
        return replace(dialect, streams=False)
    return _learn_format(dialect, complaint, sent) if _is_about(complaint, _ABOUT_FORMAT) else None


def _learn_format(dialect: Dialect, complaint: Complaint, sent: Sent) -> Dialect | None:
    if sent.format is Format.SCHEMA and _ABOUT_ONE_SCHEMA.search(f"{complaint.code} {complaint.head}"):
        return replace(dialect, refused_schemas=dialect.refused_schemas | {sent.schema})
    return replace(dialect, format=_WEAKER[sent.format]) if sent.format in _WEAKER else None


def _refuses_tools(complaint: Complaint) -> bool:
    """Whether it takes no tools at all, rather than not these."""
    if complaint.param:
        return complaint.param in _OF_TOOLS and not complaint.code.startswith("invalid_")
    return bool(_NO_TOOLS.search(complaint.head))


def _is_about(complaint: Complaint, subject: re.Pattern[str]) -> bool:
    return bool(subject.search(complaint.param or complaint.head))
