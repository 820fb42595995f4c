"""What the address of a list of conversations asks for, read strictly: a filter that is not understood is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec
from starlette.datastructures import QueryParams

from postcall.api.native.parameters import read_time
from postcall.api.polyai.errors import FilterUnreadable
from postcall.domain.calls import Channel, Environment, Role
from postcall.domain.conversation_filter import ConversationFilter
from postcall.errors import BadInput
from postcall.reporting.nearest import did_you_mean

MAX_LIMIT = 5_000
MAX_QUERY = 2_000
"""Characters."""
_MOST = 2**53
_READ = (
    "start_time",
    "end_time",
    "query_type",
    "query",
    "turn_type",
    "sample",
    "channel",
    "client_env",
    "variant_id",
    "variant_name",
    "in_progress",
    "include_latency",
    "limit",
    "offset",
    "cursor",
)
_LET_PASS = ("include_context_state", "include_turn_metadata")
"""Named in the vendor's notes and described nowhere: they change nothing."""
_CHANNELS = {
    "voice": Channel.VOICE,
    "voice-sip": Channel.VOICE,
    "webchat": Channel.WEBCHAT,
    "chat": Channel.WEBCHAT,
    "sms": Channel.SMS,
}


class Mode(StrEnum):
    """How a list is made; one a request."""

    PLAIN = "plain"
    TRANSCRIPT = "transcript"
    SEMANTIC = "semantic"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list as it is asked for."""

    wanted: ConversationFilter
    mode: Mode
    text: str
    """What to look for; empty where nothing is."""
    turn_type: Role | None
    include_latency: bool
    limit: int
    offset: int
    cursor: str | None

    @property
    def question(self) -> bytes:
        """All that has to stay the same from page to page: which calls of whose, in which order."""
        wanted = self.wanted
        return msgspec.json.encode(
            [
                wanted.account_pk,
                wanted.agent_pk,
                wanted.environment,
                wanted.since,
                wanted.until,
                sorted(wanted.channels),
                wanted.variant,
                wanted.in_progress,
                self.mode,
                self.text,
                self.turn_type,
            ]
        )


def read_list_query(query: QueryParams, *, account_pk: int, agent_pk: int, default_limit: int) -> ListQuery:
    """Read every parameter, or raise FilterUnreadable that names the first one at fault."""
    try:
        return _read(query, account_pk=account_pk, agent_pk=agent_pk, default_limit=default_limit)
    except BadInput as error:
        raise FilterUnreadable(error.message, field=error.field) from None


def _read(query: QueryParams, *, account_pk: int, agent_pk: int, default_limit: int) -> ListQuery:
    check_names(query, _READ, let_pass=_LET_PASS, several=("channel",))
    given = {name: value for name, value in query.items() if value != ""}
    mode = _mode(given)
    wanted = ConversationFilter(
        account_pk=account_pk,
        agent_pk=agent_pk,
        environment=Environment(_one_of(given, "client_env", tuple(Environment)) or Environment.LIVE),
        since=read_time(given, "start_time"),
        until=read_time(given, "end_time"),
        channels=frozenset(_channel(each) for each in query.getlist("channel") if each),
        variant=_variant(given),
        in_progress=read_flag(given, "in_progress"),
    )
    _check_window(wanted, mode)
    turn_type = _one_of(given, "turn_type", tuple(Role))
    if turn_type is not None and mode is not Mode.TRANSCRIPT:
        raise BadInput("turn_type: goes with query_type=transcript only", field="turn_type")
    asked = ListQuery(
        wanted=wanted,
        mode=mode,
        text=given.get("query", ""),
        turn_type=Role(turn_type) if turn_type is not None else None,
        include_latency=read_flag(given, "include_latency") or False,
        limit=read_number(given, "limit", default=default_limit, least=1, most=MAX_LIMIT),
        offset=read_number(given, "offset", default=0, least=0, most=_MOST),
        cursor=given.get("cursor"),
    )
    if mode is Mode.RANDOM and (asked.cursor or asked.offset):
        raise BadInput("sample: a random sample has no pages; leave offset and cursor out", field="sample")
    return replace(asked, offset=0) if asked.cursor else asked


def check_names(
    query: QueryParams, known: Sequence[str], *, let_pass: Sequence[str] = (), several: Sequence[str] = ()
) -> None:
    """Raise BadInput for a parameter that is not known, or given twice: whoever sent it believes that it filters."""
    for name in query:
        if name not in known and name not in let_pass:
            raise BadInput(f"{name[:100]}: unknown parameter{did_you_mean(name, known)}", field=name[:100])
        if name not in several and len(query.getlist(name)) > 1:
            raise BadInput(f"{name}: was given more than once", field=name)


def _mode(given: Mapping[str, str]) -> Mode:
    query_type = _one_of(given, "query_type", (Mode.TRANSCRIPT, Mode.SEMANTIC))
    sample = _one_of(given, "sample", (Mode.RANDOM,))
    text = given.get("query", "")
    if query_type is not None and sample is not None:
        raise BadInput("sample: cannot be had together with query_type; ask for one of them", field="sample")
    if query_type is not None and not text.strip():
        raise BadInput(f"query: say what to look for, with query_type={query_type}", field="query")
    if text and query_type is None:
        raise BadInput("query: say how to look for it, by query_type=transcript or query_type=semantic", field="query")
    if len(text) > MAX_QUERY:
        raise BadInput(f"query: at most {MAX_QUERY:,} characters, not {len(text):,}", field="query")
    return Mode(query_type or sample or Mode.PLAIN)


def _check_window(wanted: ConversationFilter, mode: Mode) -> None:
    for name, moment in (("start_time", wanted.since), ("end_time", wanted.until)):
        if mode is not Mode.PLAIN and moment is None:
            raise BadInput(f"{name}: searches and samples need both start_time and end_time", field=name)
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise BadInput("end_time: lies before start_time", field="end_time")


def _channel(text: str) -> Channel:
    channel = _CHANNELS.get(text.casefold())
    if channel is None:
        raise BadInput(f"channel: {text[:100]!r} is none of VOICE-SIP, WEBCHAT, CHAT and SMS", field="channel")
    return channel


def _variant(given: Mapping[str, str]) -> str | None:
    """Here a variant's id is its name."""
    if "variant_id" in given and "variant_name" in given:
        raise BadInput("variant_name: give a variant's id or its name, not both", field="variant_name")
    return given.get("variant_id", given.get("variant_name"))


def _one_of(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> str | None:
    text = given.get(name)
    if text is not None and text not in known:
        raise BadInput(f"{name}: must be {' or '.join(known)}, not {text[:100]!r}", field=name)
    return text


def read_flag(given: Mapping[str, str], name: str) -> bool | None:
    """`true` or `false`; None where it was not given."""
    text = given.get(name)
    if text is None:
        return None
    if text.casefold() not in {"true", "false", "1", "0"}:
        raise BadInput(f"{name}: must be true or false, not {text[:100]!r}", field=name)
    return text.casefold() in {"true", "1"}


def read_number(given: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """A whole number between these."""
    text = given.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not least <= int(text) <= most:
        raise BadInput(f"{name}: must be a whole number from {least} to {most}, not {text[:100]!r}", field=name)
    return int(text)
