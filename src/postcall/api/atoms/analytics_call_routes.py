"""`/analytics/call-counts-log` and `/analytics/conversation-details/{callId}`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.analytics_calls import details_json, log_json, page_of_calls
from postcall.api.atoms.analytics_filters import read_asked
from postcall.api.atoms.call_events import events_json
from postcall.api.atoms.call_filters import MAX_PAGE_SIZE
from postcall.api.atoms.calls import no_call, recordings_of
from postcall.api.atoms.errors import in_envelope
from postcall.api.atoms.paging import read_paging
from postcall.api.atoms.replies import reader, success_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.agents import VersionConfig
from postcall.domain.call_logs import CallLog
from postcall.errors import CallNotFound
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.call_events import News, read_news
from postcall.storage.call_logs import logs_by_id, read_logs
from postcall.storage.list_facts import ListFacts, read_list_facts

router = APIRouter(prefix="/analytics")


@router.get("/call-counts-log")
@in_envelope
async def get_log(request: Request) -> Response:
    """The calls behind the numbers, page by page, the newest first."""
    asked = await read_asked(request)
    page = read_paging(request.query_params, size=10, most=MAX_PAGE_SIZE, named="limit")
    total, pks = await page_of_calls(reports_of(request), asked, page)

    def read(connection: Connection) -> tuple[tuple[CallLog, ...], dict[str, ListFacts]]:
        logs = read_logs(connection, asked.principal.account_pk, pks)
        ids = [log.row.call.id for log in logs]
        return logs, read_list_facts(connection, asked.principal.account_pk, ids)

    logs, facts = await services_of(request).record.read_async(read)
    return success_reply(log_json(asked, logs, facts, recordings_of(request), page, total=total))


@router.get("/conversation-details/{call_id}")
@in_envelope
async def get_details(request: Request, call_id: str) -> Response:
    """One call with what was said and what happened in it."""
    principal = await reader(request)

    def read(connection: Connection) -> tuple[CallLog, News, VersionConfig]:
        found = logs_by_id(connection, principal.account_pk, [call_id])
        if not found:
            raise CallNotFound(call_id)
        call = found[0].row.call
        agent = find_agent_row(connection, principal.account_pk, call.agent_id)
        news = read_news(connection, principal.account_pk, call_id, None, with_pii=principal.may_see_pii)
        return found[0], news, find_version(connection, agent.pk, call.version).config

    try:
        log, news, config = await services_of(request).record.read_async(read)
    except CallNotFound:
        raise no_call() from None
    kind = config.kept.get("workflowType")
    return success_reply(
        details_json(
            log,
            news.turns,
            events_json(log.row.call, news),
            account=principal.account,
            workflow_type=kind if isinstance(kind, str) else "single_prompt",
        )
    )
