"""What people say of a conversation through this interface: of its turns, and a note on the whole."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from sqlalchemy.engine import Connection

from postcall.api.polyai.bodies import read_shape, said
from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.exchanges import Exchange, exchanges
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Role
from postcall.domain.keys import Scope
from postcall.domain.remarks import MAX_WHO, NewRemark, RemarkKind
from postcall.errors import BadInput
from postcall.storage.call_rows import read_transcript
from postcall.storage.calls import find_call_row
from postcall.storage.conversation_rows import find_conversation_pk, remove_notes
from postcall.storage.remarks import add_remark

router = APIRouter(prefix="/v1/agents/{agent_id}/conversations/{conversation_id}", tags=["conversations"])

_KINDS = {
    "missing_topic": RemarkKind.MISSING_TOPIC,
    "wrong_transcript": RemarkKind.WRONG_TRANSCRIPTION,
    "wrong_info": RemarkKind.WRONG_INFORMATION,
}


class Annotation(msgspec.Struct, rename="camel"):
    """What is wrong with one side of a turn."""

    turn_id: Annotated[int, Meta(ge=0)]
    """The place of the turn in `turns`, from 0."""
    role: Role
    annotation_type: Literal["missing_topic", "wrong_transcript", "wrong_info"]


class AnnotationBody(msgspec.Struct):
    """All of them are kept, or none."""

    annotations: Annotated[list[Annotation], Meta(min_length=1, max_length=500)]


class NoteBody(msgspec.Struct):
    """What to note."""

    note: str
    """Empty takes the note away."""


@router.post("/annotation", status_code=201)
@in_envelope
async def post_annotation(request: Request, agent_id: str, conversation_id: str) -> Response:
    """Annotate turns; they are the remarks on the call's page."""
    entered = await _enter(request, agent_id)
    body = await read_shape(request, AnnotationBody)
    services = services_of(request)
    now, account_pk = services.clock(), entered.principal.account_pk

    def keep(connection: Connection) -> None:
        find_conversation_pk(connection, account_pk, entered.agent_pk, conversation_id)
        call = find_call_row(connection, account_pk, conversation_id)
        turns = read_transcript(connection, call.pk, call.revision)
        pairs = exchanges(turn.role for turn in turns)
        for number, annotation in enumerate(body.annotations):
            turn = _turn_of(annotation, pairs, number)
            remark = NewRemark(_KINDS[annotation.annotation_type], turn=turn, who=_who(entered))
            add_remark(connection, account_pk, conversation_id, remark, now=now)

    await services.record.write_async(keep)
    return json_reply({"success": True}, status=201)


@router.post("/note", status_code=201)
@in_envelope
async def post_note(request: Request, agent_id: str, conversation_id: str) -> Response:
    """Note something on the conversation, in place of what this key noted before; what others noted stays."""
    entered = await _enter(request, agent_id)
    note = said((await read_shape(request, NoteBody)).note)
    services = services_of(request)
    now, account_pk = services.clock(), entered.principal.account_pk

    def keep(connection: Connection) -> None:
        call_pk = find_conversation_pk(connection, account_pk, entered.agent_pk, conversation_id)
        remove_notes(connection, call_pk, who=_who(entered))
        if note.strip():
            remark = NewRemark(RemarkKind.NOTE, text=note, who=_who(entered))
            add_remark(connection, account_pk, conversation_id, remark, now=now)

    await services.record.write_async(keep)
    return json_reply({"success": True}, status=201)


async def _enter(request: Request, agent_id: str) -> Entered:
    """Who writes on a conversation must be allowed to see conversations, too."""
    entered = await enter(request, Scope.CONVERSATIONS, agent_id)
    entered.principal.require(Scope.WRITE)
    return entered


def _turn_of(annotation: Annotation, pairs: tuple[Exchange, ...], number: int) -> int:
    """The index in our transcript of what this side said."""
    field = f"annotations[{number}].turnId"
    if annotation.turn_id >= len(pairs):
        raise BadInput(f"{field}: the conversation has {len(pairs)} turns, counted from 0", field=field)
    turn = pairs[annotation.turn_id].side(annotation.role)
    if turn is None:
        raise BadInput(f"{field}: the {annotation.role} said nothing in turn {annotation.turn_id}", field=field)
    return turn


def _who(entered: Entered) -> str:
    """By this a remark is known to be this key's."""
    return (entered.principal.name or "operator").strip()[:MAX_WHO] or "operator"
