"""What follows a conversation in the terminal, where perhaps no worker runs."""

from __future__ import annotations

import asyncio
from random import Random

from postcall.jobs.worker import Worker
from postcall.runtime.hosting import Hosting
from postcall.runtime.hosting.end_job import EndCall
from postcall.services import Services
from postcall.storage.conversations import hosted_call
from postcall.storage.jobs import END_FUNCTION, has_open_job

_POLL_S = 0.1


async def run_end_function(services: Services, hosting: Hosting, account_pk: int, call_id: str) -> None:
    """Run the `end_function` of a call that is over, unless another worker on the same record is quicker; either way
    it is done when this returns. Other calls' are left to the workers, whose settings may be others.
    """
    record = services.record
    call_pk = (await record.read_async(lambda c: hosted_call(c, account_pk, call_id))).call_pk
    worker = Worker(record, [EndCall(hosting.workplace)], clock=services.clock, random=Random(), only_call=call_pk)
    working = asyncio.create_task(worker.run())
    try:
        while await record.read_async(lambda c: has_open_job(c, call_pk, END_FUNCTION)):
            if working.done():
                break
            await asyncio.sleep(_POLL_S)
    finally:
        worker.stop()
        await working
