"""The worker of one process: on a thread and event loop of its own beside a server, or alone."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import threading
from collections.abc import Coroutine
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.engine import Connection

from postcall.api.atoms.call_variables import action_variables
from postcall.api.atoms.webhook_wire import atoms_wire, sign
from postcall.api.native.webhook_wire import native_wire
from postcall.api.polyai.webhook_wire import polyai_wire
from postcall.configure.sealing import sealer_for
from postcall.domain.webhooks import WebhookFormat
from postcall.exporting.job import MakeExport
from postcall.extraction.analysers import AgentAnalyser, make_analyser
from postcall.extraction.job import ExtractCall
from postcall.hosts import open_hosting
from postcall.jobs.worker import Worker
from postcall.notify.call_actions import RunActions, action_destinations
from postcall.notify.sending import SendMessage, make_senders
from postcall.notify.webhooks.deliverer import Deliverer
from postcall.outbound.dialling import DialCall
from postcall.outbound.running import RunCampaign
from postcall.outbound.simulated import SimulatedCarrier, rates_of
from postcall.runtime.hosting import Hosting
from postcall.runtime.hosting.end_job import EndCall
from postcall.semantic.catching_up import CatchUp, QueueCatchingUp
from postcall.services import Services
from postcall.storage.analyst_threads import forget_old_threads
from postcall.storage.audit import forget_old_audit
from postcall.storage.changes import forget_old_changes
from postcall.storage.exports import forget_old_exports
from postcall.storage.live_calls import end_silent_calls
from postcall.storage.requests import forget_old_requests
from postcall.storage.theme_readings import forget_old_readings

log = logging.getLogger(__name__)

_AGAIN_S = 2.0


def build_worker(services: Services, analyser: AgentAnalyser, hosting: Hosting) -> Worker:
    """A worker for every kind of job."""

    def end_silent(connection: Connection, *, now: datetime) -> object:
        silent_since = now - timedelta(seconds=services.settings.live_silence_s)
        return end_silent_calls(connection, silent_since=silent_since, now=now)

    def forget_audit(connection: Connection, *, now: datetime) -> object:
        return forget_old_audit(connection, now=now, kept=timedelta(days=services.settings.audit_kept_days))

    def forget_threads(connection: Connection, *, now: datetime) -> object:
        return forget_old_threads(connection, now=now, kept=timedelta(days=services.settings.analyst_kept_days))

    return Worker(
        services.record,
        [
            EndCall(hosting.workplace),
            ExtractCall(services.record, analyser, clock=services.clock),
            DialCall(services, hosting, [_simulated(services, hosting)]),
            RunCampaign(lines=services.settings.calls_at_once, clock=services.clock),
            MakeExport(services.record, keep=timedelta(days=services.settings.exports_kept_days), clock=services.clock),
            RunActions(services.record, action_variables, clock=services.clock),
            SendMessage(services.record, make_senders(services.settings, clock=services.clock), clock=services.clock),
            CatchUp(services),
        ],
        clock=services.clock,
        random=Random(),
        chores=[
            end_silent,
            forget_old_requests,
            forget_old_changes,
            forget_old_exports,
            forget_audit,
            forget_old_readings,
            forget_threads,
            QueueCatchingUp(services),
        ],
    )


def _simulated(services: Services, hosting: Hosting) -> SimulatedCarrier:
    return SimulatedCarrier(hosting.workplace.model, rates_of(services.settings))


def build_deliverer(services: Services) -> Deliverer:
    """What sends webhooks and the requests of call actions, in every format that there is."""
    return Deliverer(
        services.record,
        {
            WebhookFormat.ATOMS: atoms_wire(services.settings.public_url),
            WebhookFormat.POLYAI: polyai_wire(),
            WebhookFormat.NATIVE: native_wire(),
        },
        services.settings,
        clock=services.clock,
        random=Random(),
        find_action=action_destinations(sealer_for(services.settings), action_variables, sign),
    )


async def _run_both(worker: Worker, deliverer: Deliverer) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        group.create_task(_keep_delivering(deliverer))


async def _keep_delivering(deliverer: Deliverer) -> None:
    """Run it until it is told to stop; what breaks it costs no job of the worker beside it."""
    while True:
        try:
            await deliverer.run()
        except Exception:  # logged, and tried again: nothing that waits is lost
            log.exception("webhooks could not be delivered; trying again in %s seconds", _AGAIN_S)
            await asyncio.sleep(_AGAIN_S)
        else:
            return


def run_loop(main: Coroutine[None, None, None]) -> None:
    """Run on uvloop, which costs a request to a model a third less processor time than asyncio's own loop."""
    # What was imported stays for good, and requests make much that dies young: looking through all of it every 700
    # objects would cost a fifth of the processor time.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    try:
        import uvloop
    except ImportError:  # it has no build for this platform
        asyncio.run(main)
    else:
        uvloop.run(main)
    finally:
        gc.unfreeze()  # or what libraries in C hold at the end of the process is never let go, and they say so


def run_worker(services: Services) -> None:
    """Work in this process until it is told to end (SIGINT or SIGTERM)."""
    run_loop(_work_alone(services))


async def _work_alone(services: Services) -> None:
    analyser = make_analyser(services.settings, services.record)
    hosting = open_hosting(services)
    worker, deliverer = build_worker(services, analyser, hosting), build_deliverer(services)

    def stop() -> None:
        worker.stop()
        deliverer.stop()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    try:
        await _run_both(worker, deliverer)
    finally:
        await hosting.close()
        await analyser.close()


class WorkerThread:
    """The worker beside a server, in the same process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._worker: Worker | None = None
        self._deliverer: Deliverer | None = None
        self._built = threading.Event()
        self._broke: Exception | None = None
        self._thread = threading.Thread(target=lambda: run_loop(self._work()), name="worker", daemon=True)

    def start(self) -> None:
        """Begin; returns once the worker is there, or raises what kept it from starting."""
        self._thread.start()
        self._built.wait()
        if self._broke is not None:
            raise self._broke

    def stop(self) -> None:
        """Give back what is held, and end; also where its start was interrupted."""
        if self._thread.ident is None:
            return
        self._built.wait(timeout=10)
        if self._worker is not None:
            self._worker.stop()
        if self._deliverer is not None:
            self._deliverer.stop()
        self._thread.join(timeout=10)

    async def _work(self) -> None:
        try:
            analyser = make_analyser(self._services.settings, self._services.record)
            hosting = open_hosting(self._services)
            worker = self._worker = build_worker(self._services, analyser, hosting)
            deliverer = self._deliverer = build_deliverer(self._services)
        except Exception as error:  # noqa: BLE001 - raised by `start`, in the thread that waits for it
            self._broke = error
            return
        finally:
            self._built.set()
        try:
            await _run_both(worker, deliverer)
        finally:
            await hosting.close()
            await analyser.close()
