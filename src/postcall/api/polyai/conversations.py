"""The list of conversations: filtered, searched by words or by meaning, sampled, and walked by offset or cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.polyai.conversation_format import Shown, conversation_json
from postcall.api.polyai.conversation_query import ListQuery, Mode, read_list_query
from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import FilterUnreadable, SearchUnavailable, in_envelope
from postcall.api.replies import json_reply
from postcall.api.services import Services, services_of
from postcall.domain.conversation_cursor import RankPosition, digest_space, read_cursor, write_cursor
from postcall.domain.keys import Scope
from postcall.domain.searching import read_search
from postcall.domain.views import Position
from postcall.errors import BadInput, ModelError, NotAllowed
from postcall.semantic.embedding import BUILT_IN
from postcall.semantic.finding import Hit, Similar, find_similar
from postcall.storage.conversation_list import (
    SaidWhere,
    draw_conversations,
    list_conversations,
    signing_key,
)
from postcall.storage.conversation_rows import names_kept_back, read_conversations

router = APIRouter(tags=["conversations"])
VERSIONS = ("v1", "v2", "v3")
SEARCHED_BY = "X-Postcall-Search"
"""Says by what a search was done; of one by meaning, in which space."""
_AT_ONCE = 200
"""Conversations that are read and written out at once: of a long page, only its text is held whole."""


@dataclass(frozen=True, slots=True)
class PageOfKeys:
    """Which conversations a reply holds, and how to go on."""

    pks: Sequence[int]
    next: Position | RankPosition | None = None
    counted: bool = False
    """Whether the next page can be asked for by an offset as well."""
    searched_by: str | None = None


@router.get("/{account_id}/{project_id}/conversations")
@in_envelope
async def get_conversations(request: Request, account_id: str, project_id: str) -> Response:
    """The conversations of a project, the newest first; docs/polyai.md has the parameters.

    `/v1` says null where `/v2` and `/v3` say an empty text.
    """
    entered = await enter(request, Scope.CONVERSATIONS, project_id, account_id=account_id)
    services = services_of(request)
    asked = read_list_query(
        request.query_params,
        account_pk=entered.principal.account_pk,
        agent_pk=entered.agent_pk,
        default_limit=services.settings.conversations_limit,
    )
    if asked.text and not entered.settings.show_transcripts:
        raise NotAllowed("this project does not show transcripts, and so they cannot be searched either")
    key = await services.record.read_briefly(partial(_key, services, entered))
    page = await _find_page(services, asked, key)
    nothing = None if request.url.path.startswith("/v1/") else ""
    body = await services.record.read_async(
        lambda c: _write_out(c, entered, asked, page, key=key, nothing=nothing),
    )
    reply = json_reply(body)
    if page.searched_by is not None:
        reply.headers[SEARCHED_BY] = page.searched_by
    return reply


async def _find_page(services: Services, asked: ListQuery, key: bytes) -> PageOfKeys:
    place = _place(asked, key)
    if asked.mode is Mode.SEMANTIC:
        return await _most_similar(services, asked, place if isinstance(place, RankPosition) else None)
    after = place if isinstance(place, Position) else None
    return await services.record.read_async(lambda c: _look_up(c, asked, after))


def _look_up(connection: Connection, asked: ListQuery, after: Position | None) -> PageOfKeys:
    if asked.mode is Mode.RANDOM:
        return PageOfKeys(draw_conversations(connection, asked.wanted, limit=asked.limit))
    by_words = asked.mode is Mode.TRANSCRIPT
    said = SaidWhere(read_search(asked.text), asked.turn_type) if by_words else None
    page = list_conversations(connection, asked.wanted, said=said, after=after, offset=asked.offset, limit=asked.limit)
    return PageOfKeys(page.pks, page.next, counted=after is None, searched_by="words" if by_words else None)


async def _most_similar(services: Services, asked: ListQuery, after: RankPosition | None) -> PageOfKeys:
    """A page of the calls that are most like the text.

    A cursor goes on behind a call wherever that stands by now, so that calls which were written meanwhile push nothing
    out of the walk.
    """
    skipped, ahead = asked.offset, 0
    if after is not None:
        skipped, ahead = 0, after.rank
    while True:
        up_to = skipped + ahead + asked.limit + 1
        found = await _compare(services, asked, up_to)
        hits = found.hits[skipped:] if after is None else _behind(found, after)
        if len(hits) > asked.limit or len(found.hits) < up_to:
            break
        ahead += up_to  # so many have come in before our place that the page is not full
    shown = hits[: asked.limit]
    more = len(hits) > asked.limit
    rank = len(found.hits) - len(hits) + len(shown)
    space = digest_space(_space_name(found))
    place = RankPosition(shown[-1].score, shown[-1].call_pk, rank, space) if more and shown else None
    return PageOfKeys([hit.call_pk for hit in shown], place, counted=after is None, searched_by=found.space.says)


async def _compare(services: Services, asked: ListQuery, limit: int) -> Similar:
    try:
        return await find_similar(services, asked.wanted.account_pk, asked.text, asked.wanted, limit=limit)
    except ModelError as error:
        raise SearchUnavailable(f"transcripts cannot be compared just now: {error.message}") from error


def _behind(found: Similar, after: RankPosition) -> tuple[Hit, ...]:
    if digest_space(_space_name(found)) != after.space:
        raise FilterUnreadable("cursor: transcripts are compared in another way by now; begin anew", field="cursor")
    return tuple(hit for hit in found.hits if (-hit.score, -hit.call_pk) > (-after.score, -after.pk))


def _space_name(found: Similar) -> str:
    """By what scores can be compared; while calls are compared by their words, each new one changes all scores."""
    space = found.space
    by_words = space.model == BUILT_IN and space.learned_from == 0
    return f"{space.model} {space.learned_from} {space.of if by_words else ''}"


def _place(asked: ListQuery, key: bytes) -> Position | RankPosition | None:
    if asked.cursor is None:
        return None
    try:
        return read_cursor(asked.cursor, question=asked.question, key=key)
    except BadInput as error:
        raise FilterUnreadable(error.message, field=error.field) from None


def _key(services: Services, entered: Entered, connection: Connection) -> bytes:
    """What cursors are signed with: nobody who reads replies knows it."""
    operators = services.settings.admin_key or ""
    return signing_key(connection, entered.principal.account_pk) or operators.encode()


def _write_out(
    connection: Connection, entered: Entered, asked: ListQuery, page: PageOfKeys, *, key: bytes, nothing: str | None
) -> dict[str, Any]:
    """The body of the reply, on a thread that may take its time."""
    kept_back = names_kept_back(connection, entered.agent_pk)
    shown = Shown(entered.settings, kept_back, latency=asked.include_latency, nothing=nothing)
    written: list[msgspec.Raw] = []
    for first in range(0, len(page.pks), _AT_ONCE):
        pks = page.pks[first : first + _AT_ONCE]
        for stored in read_conversations(connection, entered.principal.account_pk, pks):
            written.append(msgspec.Raw(msgspec.json.encode(conversation_json(stored, shown))))
    body: dict[str, Any] = {"conversations": written}
    if page.next is not None and page.counted:
        body["next_offset"] = asked.offset + len(page.pks)
    body["cursor"] = write_cursor(page.next, question=asked.question, key=key) if page.next is not None else None
    return body
