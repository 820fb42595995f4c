"""A turn as text channels give it back: all that was said, and whether it is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from fastapi import Request

from postcall.api.hosting import hosting_of
from postcall.api.services import services_of
from postcall.domain.calls import Environment
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Principal
from postcall.errors import CallNotFound
from postcall.runtime.hosting import HostedCall
from postcall.runtime.session.outputs import Beside, Ended, Listening, Output, Said
from postcall.storage.conversations import hosted_call


@dataclass(frozen=True, slots=True)
class Heard:
    """What a turn came to."""

    text: str
    ended: Ended | None
    listening: Listening | None


async def listen(outputs: AsyncIterator[Output]) -> Heard:
    """Take a turn to its end."""
    said: list[str] = []
    ended: Ended | None = None
    listening: Listening | None = None
    async for output in outputs:
        if isinstance(output, Said) and output.text:
            said.append(output.text)
        elif isinstance(output, Ended):
            ended = output
        elif isinstance(output, Listening):
            listening = output
    return Heard(" ".join(said), ended, listening)


async def say(call: HostedCall, message: str, beside: Beside) -> Heard:
    """What the agent says to this message; an empty one is silence."""
    return await listen(call.hear(message, beside=beside) if message else call.silence(beside=beside))


async def find_call(
    request: Request, principal: Principal, project: str, call_id: str, *, among: Collection[Environment]
) -> HostedCall:
    """The hosted call of this id, if it is one of this project and of one of these environments."""
    if not CALL_ID.fullmatch(call_id):
        raise CallNotFound(call_id)
    record = services_of(request).record
    hosted = await record.read_briefly(lambda c: hosted_call(c, principal.account_pk, call_id))
    if project not in {hosted.agent_slug, hosted.agent_id} or hosted.environment not in among:
        raise CallNotFound(call_id)
    return await hosting_of(request).find(principal.account_pk, call_id)
