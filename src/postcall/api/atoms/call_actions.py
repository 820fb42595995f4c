"""Call actions: what is done in another system around the calls of an agent.

Those that run after a call are HTTP requests to the address that their `config.url` names, signed as webhooks are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.paging import read_paging
from postcall.api.atoms.replies import admin, check_id, moment, read_object, reader, success_reply
from postcall.api.services import services_of
from postcall.configure.call_actions import action_secret, make_action
from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import check_url
from postcall.domain.call_actions import ActionCategory, ActionConfig, CallAction, Condition, Operator, as_text
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.storage import call_actions as table
from postcall.storage.agents import find_agent_row

router = APIRouter(prefix="/call-actions")

_ACTION_TYPES = ("create", "update")
_LARGEST_PAGE = 100
_MOST_CONDITIONS = 100
_KNOWN = ("phoneNumberFieldName", "conditions", "body", "url")


@dataclass(frozen=True, slots=True)
class _Fields:
    """What a request says of an action; None where it says nothing."""

    category: ActionCategory | None = None
    provider: str | None = None
    action_type: str | None = None
    object: str | None = None
    config: Mapping[str, Any] | None = None


@router.post("")
@in_envelope
async def create_action(request: Request) -> Response:
    """Keep a new action."""
    principal = await admin(request)
    body = await read_object(request)
    missing = [name for name in ("agentId", "category", "provider", "config") if body.get(name) in (None, "")]
    if missing:
        raise AtomsError(400, *(f"{name}: Required" for name in missing))
    agent_id = check_id(as_text(body["agentId"]), what="agent")
    fields = _read_fields(body)
    assert fields.category is not None and fields.provider is not None
    config = _merge(ActionConfig(), fields.config or {})
    _check_whole(fields.category, config)
    services = services_of(request)
    sealer, now = sealer_for(services.settings), services.clock()
    made = await services.record.write_async(
        lambda c: make_action(
            c,
            sealer,
            principal.account_pk,
            agent_id,
            category=fields.category or ActionCategory.POST_CALL,
            provider=fields.provider or "",
            action_type=fields.action_type,
            object_=fields.object,
            config=config,
            now=now,
        )
    )
    return await _reply(request, principal, made, status=201)


@router.get("")
@in_envelope
async def get_actions(request: Request) -> Response:
    """An agent's actions, the newest first."""
    principal = await reader(request)
    query = request.query_params
    if not query.get("agentId"):
        raise AtomsError(400, "agentId: Required")
    agent_id = check_id(query["agentId"], what="agent")
    paging = read_paging(query, size=10, most=_LARGEST_PAGE, named="limit")
    category = _read_category(query["category"]) if query.get("category") else None

    def read(connection: Connection) -> table.ActionPage:
        agent = find_agent_row(connection, principal.account_pk, agent_id)
        return table.list_actions(
            connection,
            principal.account_pk,
            agent.pk,
            category=category,
            provider=query.get("provider") or None,
            skip=paging.skip,
            limit=paging.size,
        )

    found = await services_of(request).record.read_async(read)
    return success_reply(
        {
            "callActions": [action_json(each, principal) for each in found.actions],
            "totalCount": found.total,
            "page": paging.page,
            "limit": paging.size,
        }
    )


@router.get("/{action_id}")
@in_envelope
async def get_action(request: Request, action_id: str) -> Response:
    """One action."""
    principal = await reader(request)
    check_id(action_id, what="call action")
    found = await services_of(request).record.read_async(
        lambda c: table.find_action(c, principal.account_pk, action_id)
    )
    return await _reply(request, principal, found)


@router.put("/{action_id}")
@in_envelope
async def put_action(request: Request, action_id: str) -> Response:
    """Change what the body names: of `config` each field by itself, its conditions as a whole."""
    principal = await admin(request)
    check_id(action_id, what="call action")
    fields = _read_fields(await read_object(request))
    services = services_of(request)
    now = services.clock()
    changed = await services.record.write_async(
        lambda c: table.change_action(c, principal.account_pk, action_id, _changer(fields), now=now)
    )
    return await _reply(request, principal, changed)


@router.delete("/{action_id}")
@in_envelope
async def delete_action(request: Request, action_id: str) -> Response:
    """Take an action away; what it sent stays in the delivery log."""
    principal = await admin(request)
    check_id(action_id, what="call action")
    services = services_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: table.delete_action(c, principal.account_pk, action_id, now=now))
    return success_reply({"message": "Call action deleted successfully"})


def action_json(action: CallAction, principal: Principal) -> dict[str, Any]:
    """As this interface shows it: what postcall does not know of its `config` may be a token, so to admins alone."""
    config = action.config
    shown: dict[str, Any] = {
        **(config.kept if Scope.ADMIN in principal.scopes else {}),
        "conditions": [
            {"field": each.field, "operator": each.operator, "value": each.value} for each in config.conditions
        ],
    }
    known = {"phoneNumberFieldName": config.phone_field, "body": config.body, "url": config.url}
    shown |= {name: value for name, value in known.items() if value is not None}
    whole = {
        "_id": action.id,
        "organization": principal.account,
        "agentId": action.agent_id,
        "category": action.category,
        "provider": action.provider,
        "action_type": action.action_type,
        "object": action.object,
        "config": shown,
        "createdAt": moment(action.created_at),
        "updatedAt": moment(action.updated_at),
        "warnings": list(_warnings(action)) or None,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _warnings(action: CallAction) -> tuple[str, ...]:
    if action.category is ActionCategory.TRIGGER:
        return ("postcall keeps triggers and starts no calls for them: it has no connection of its own to providers",)
    if action.config.url is None:
        return (
            f"config.url: without an address nothing is sent; postcall has no connection of its own to "
            f"{action.provider}",
        )
    return ()


async def _reply(request: Request, principal: Principal, action: CallAction, *, status: int = 200) -> Response:
    """The action, to whoever may change it with what its requests are signed with."""
    shown = action_json(action, principal)
    if Scope.ADMIN in principal.scopes and action.category is ActionCategory.POST_CALL:
        services = services_of(request)
        sealer = sealer_for(services.settings)
        shown["decryptedSecretKey"] = await services.record.read_async(
            lambda c: action_secret(c, sealer, principal.account_pk, action.id)
        )
    return success_reply(shown, status=status)


def _changer(fields: _Fields) -> Callable[[CallAction], CallAction]:
    def change(action: CallAction) -> CallAction:
        after = replace(
            action,
            category=fields.category or action.category,
            provider=fields.provider or action.provider,
            action_type=fields.action_type or action.action_type,
            object=fields.object if fields.object is not None else action.object,
            config=_merge(action.config, fields.config or {}),
        )
        _check_whole(after.category, after.config)
        return after

    return change


def _read_fields(body: Mapping[str, Any]) -> _Fields:
    config = body.get("config")
    if config is not None and not isinstance(config, dict):
        raise AtomsError(400, "config: must be an object")
    action_type = _text(body, "action_type")
    if action_type and action_type not in _ACTION_TYPES:
        raise AtomsError(400, f"action_type: must be create or update, not {action_type[:50]!r}")
    return _Fields(
        category=_read_category(body["category"]) if "category" in body else None,
        provider=_text(body, "provider", longest=100),
        action_type=action_type or None,
        object=_text(body, "object"),
        config=config,
    )


def _merge(config: ActionConfig, patch: Mapping[str, Any]) -> ActionConfig:
    """Each field that the patch names in place of the one before; an empty text takes it away."""
    patch = {name: value for name, value in patch.items() if value is not None}
    if "phoneNumberFieldName" in patch:
        config = replace(config, phone_field=_text(patch, "phoneNumberFieldName", within="config.") or None)
    if "body" in patch:
        config = replace(config, body=_text(patch, "body", within="config.", longest=100_000) or None)
    if "url" in patch:
        config = replace(config, url=_read_address(_text(patch, "url", within="config.") or ""))
    if "conditions" in patch:
        config = replace(config, conditions=_read_conditions(patch["conditions"]))
    return replace(config, kept={**config.kept, **{n: v for n, v in patch.items() if n not in _KNOWN}})


def _check_whole(category: ActionCategory, config: ActionConfig) -> None:
    if category is ActionCategory.TRIGGER and config.phone_field is None:
        raise AtomsError(400, "config.phoneNumberFieldName: Required")


def _read_conditions(given: Any) -> tuple[Condition, ...]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise AtomsError(400, "config.conditions: must be a list of objects")
    if len(given) > _MOST_CONDITIONS:
        raise AtomsError(400, f"config.conditions: at most {_MOST_CONDITIONS}, not {len(given)}")
    faults = [fault for index, each in enumerate(given) for fault in _faults(each, f"config.conditions[{index}]")]
    if faults:
        raise AtomsError(400, *faults)
    return tuple(Condition(each["field"], Operator(each["operator"]), as_text(each["value"])) for each in given)


def _faults(given: Mapping[str, Any], where: str) -> list[str]:
    missing = [f"{where}.{name}: Required" for name in ("field", "operator", "value") if given.get(name) is None]
    if missing:
        return missing
    faults = []
    if not isinstance(given["field"], str) or not given["field"]:
        faults.append(f"{where}.field: must be the name of a variable")
    if given["operator"] not in [each.value for each in Operator]:
        faults.append(
            f"{where}.operator: must be one of {', '.join(Operator)}, not {as_text(given['operator'])[:50]!r}"
        )
    return faults


def _read_address(text: str) -> str | None:
    if not text:
        return None
    try:
        return check_url(text)
    except BadInput as fault:
        raise AtomsError(400, f"config.{fault.message}") from None


def _read_category(given: Any) -> ActionCategory:
    try:
        return ActionCategory(given)
    except ValueError:
        raise AtomsError(400, f"category: must be trigger or post-call, not {as_text(given)[:50]!r}") from None


def _text(body: Mapping[str, Any], name: str, *, within: str = "", longest: int = 2_000) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise AtomsError(400, f"{within}{name}: must be a string")
    if len(value) > longest:
        raise AtomsError(400, f"{within}{name}: at most {longest:,} characters, not {len(value):,}")
    return value
