"""Phone numbers: every account has one, which is simulated."""

from __future__ import annotations

from typing import Any

import phonenumbers
from fastapi import APIRouter, Request, Response

from postcall.api.atoms.errors import in_envelope
from postcall.api.atoms.replies import moment, reader, status_reply
from postcall.api.services import Services, services_of
from postcall.domain.outbound import PhoneNumber
from postcall.storage.phone_numbers import ensure_number, list_numbers

router = APIRouter()

_KNOWN_PROVIDERS = {"twilio", "plivo"}
"""Clients know no others, so nothing else is called a provider."""


@router.get("/product/phone-numbers")
@in_envelope
async def get_numbers(request: Request) -> Response:
    """The account's numbers; there is always one."""
    principal = await reader(request)
    found = await _numbers(services_of(request), principal.account_pk)
    return status_reply([number_json(number) for number in found])


@router.get("/product/all-numbers")
@in_envelope
async def get_all_numbers(request: Request) -> Response:
    """The same; none was imported from elsewhere."""
    principal = await reader(request)
    found = await _numbers(services_of(request), principal.account_pk)
    return status_reply({"telephonyProducts": [number_json(number) for number in found], "customProducts": []})


async def _numbers(services: Services, account_pk: int) -> tuple[PhoneNumber, ...]:
    found = await services.record.read_async(lambda c: list_numbers(c, account_pk))
    if found:
        return found
    now = services.clock()
    return (await services.record.write_async(lambda c: ensure_number(c, account_pk, now)),)


def number_json(number: PhoneNumber) -> dict[str, Any]:
    """A number; `attributes.provider` only where it is one that clients know."""
    attributes = {"phoneNumber": number.number, **_parts(number.number)}
    if number.carrier in _KNOWN_PROVIDERS:
        attributes["provider"] = number.carrier
    return {
        "_id": number.id,
        "productType": "telephony",
        "isActive": True,
        "agentId": number.agent_id,
        "attributes": attributes,
        "createdAt": moment(number.created_at),
        "updatedAt": moment(number.updated_at),
    }


def _parts(number: str) -> dict[str, str]:
    parsed = phonenumbers.parse(number)
    digits = phonenumbers.national_significant_number(parsed)
    area = digits[: phonenumbers.length_of_geographical_area_code(parsed)]
    return {"countryCode": phonenumbers.region_code_for_number(parsed) or "", "areaCode": area}
