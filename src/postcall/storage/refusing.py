"""People who say on a placed call that they do not want to be called: they go on the account's list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.audiences import BarSource
from postcall.domain.calls import Environment
from postcall.domain.outbound import DialState
from postcall.domain.refusals import find_refusal
from postcall.storage.call_rows import read_transcript
from postcall.storage.concurrency import hold_account
from postcall.storage.do_not_call import bar
from postcall.storage.outbound_schema import outbound_calls
from postcall.storage.schema import calls


def hold_account_of_talk(connection: Connection, call_pk: int) -> None:
    """Whoever has been talked with may go on the account's list: the account before the call, as everywhere."""
    talked = sa.select(calls.c.account_pk).join(outbound_calls, outbound_calls.c.call_pk == calls.c.pk)
    account_pk = connection.execute(
        talked.where(calls.c.pk == call_pk, outbound_calls.c.state == DialState.TALKING.value)
    ).scalar_one_or_none()
    if account_pk is not None:
        hold_account(connection, account_pk)


def heed_refusal(connection: Connection, call: Row[Any], *, now: datetime) -> None:
    """For all agents of the account: people do not tell one of its agents from another. A test call bars nobody."""
    if call.environment == Environment.SANDBOX or not call.to_number:
        return
    if find_refusal(read_transcript(connection, call.pk, call.revision)) is not None:
        bar(connection, call.account_pk, call.to_number, source=BarSource.CALL, call_pk=call.pk, now=now)
