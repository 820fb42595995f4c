"""Who a key stands for, in the terms of a service where keys belong to people."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from postcall.api.atoms.errors import in_envelope
from postcall.api.atoms.replies import reader, status_reply
from postcall.api.replies import json_reply
from postcall.domain.keys import Principal, Scope

router = APIRouter()

_OPERATOR = "Operator"
"""Whose key is a setting and has no name."""
_OWNER, _MEMBER = 0, 1


@router.get("/user")
@in_envelope
async def get_user(request: Request) -> Response:
    """The key as a user: its name as first name; every text is there, since clients count on it."""
    principal = await reader(request)
    return status_reply(
        {
            "_id": _user_id(principal),
            "firstName": principal.name or _OPERATOR,
            "lastName": "",
            "userEmail": _email(principal),
            "authProvider": "api-key",
            "isEmailVerified": False,
            "organizationId": principal.account,
        }
    )


@router.get("/account/get-account-details")
@in_envelope
async def get_account_details(request: Request) -> Response:
    """The same with the account that the key belongs to; without an envelope."""
    principal = await reader(request)
    owner = Scope.ADMIN in principal.scopes
    return json_reply(
        {
            "userId": _user_id(principal),
            "email": _email(principal),
            "firstName": principal.name or _OPERATOR,
            "lastName": "",
            "phone": None,
            "picture": "",
            "hasOnboarded": True,
            "organizations": [
                {
                    "orgId": principal.account,
                    "name": principal.account,
                    "ownerEmail": _email(principal),
                    "roleId": _OWNER if owner else _MEMBER,
                    "onPremEnabled": True,
                }
            ],
        }
    )


def _user_id(principal: Principal) -> str:
    """24 hex digits, for one name in one account always the same."""
    return hashlib.sha256(f"{principal.account}\n{principal.name or ''}".encode()).hexdigest()[:24]


def _email(principal: Principal) -> str:
    """Of nobody: the domain is one that never exists."""
    return f"{_user_id(principal)}@postcall.invalid"
