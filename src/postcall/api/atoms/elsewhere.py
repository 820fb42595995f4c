"""Everything of the vendor's interface for what postcall does not do: an error that says so and what helps instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Response

from postcall.api.atoms.errors import NotOffered, in_envelope

router = APIRouter()
"""Included behind the others: what somebody serves after all is theirs."""
payments = APIRouter()
"""The same, below no prefix."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Routes that are not offered, for one reason."""

    what: str
    """As in `postcall does not offer …`."""
    routes: tuple[tuple[str, str], ...]
    """Method and path of each."""
    instead: str = ""


ABSENT: tuple[Absent, ...] = (
    Absent(
        "numbers to rent or import",
        (
            ("POST", "/product/import-phone-number"),
            ("GET", "/product/get-available-numbers"),
            ("POST", "/product/rent-number"),
            ("POST", "/product/release-number"),
        ),
        "every account has one simulated number",
    ),
    Absent(
        "subscriptions, invoices and payments",
        (
            ("GET", "/product/manage-subscription"),
            ("GET", "/product/proration-amount"),
            ("GET", "/product/unpaid-invoices"),
            ("GET", "/user/subscription"),
        ),
        "what calls cost is at /analytics/usage/timeseries",
    ),
    Absent(
        "filings with telephone authorities",
        (
            ("GET", "/compliance/requirements"),
            ("GET", "/compliance/status"),
            ("POST", "/compliance/applications"),
            ("PATCH", "/compliance/applications/{id}"),
            ("POST", "/compliance/applications/{id}/refresh"),
        ),
    ),
    Absent(
        "knowledge bases",
        (
            ("GET", "/knowledgebase"),
            ("POST", "/knowledgebase"),
            ("POST", "/knowledgebase/get-presigned-url"),
            ("POST", "/knowledgebase/compelete-file-upload"),  # as the vendor spells it
            ("POST", "/knowledgebase/get-sitemap-urls"),
            ("GET", "/knowledgebase/{id}"),
            ("POST", "/knowledgebase/{id}"),
            ("DELETE", "/knowledgebase/{id}"),
            ("GET", "/knowledgebase/{id}/items"),
            ("DELETE", "/knowledgebase/{id}/items/{item_id}"),
            ("POST", "/knowledgebase/{id}/items/upload-media"),
            ("POST", "/knowledgebase/{id}/items/upload-text"),
            ("POST", "/knowledgebase/{id}/scrape-urls"),
            ("GET", "/knowledgebase/{id}/scraped-urls"),
            ("DELETE", "/knowledgebase/{id}/scraped-urls/{url_id}"),
        ),
        "put what the agent must know into its prompt, or push a project with topics",
    ),
    Absent(
        "a web widget",
        (
            ("GET", "/agent/{id}/widget-config"),
            ("PATCH", "/agent/{id}/widget-config"),
            ("POST", "/agent/{id}/avatar/presigned-url"),
        ),
    ),
    Absent("copying agents to other organizations", (("POST", "/agent/{id}/duplicate"),)),
    Absent("renaming organizations", (("PUT", "/account/update-org-name"),)),
    Absent(
        "organizations to be read by themselves",
        (("GET", "/organization"),),
        "a key's account is at /account/get-account-details",
    ),
    Absent(
        "the WebEngage integration",
        (("GET", "/integration/get-webengage-details"), ("POST", "/integration/modify-webengage-integration")),
        "webhooks tell others of calls",
    ),
)
"""What is not offered, by reason, below the prefixes of this interface."""
PAYMENTS = Absent(
    ABSENT[1].what,
    (
        ("GET", "/payment/v1/credits/balance"),
        ("GET", "/payment/v1/credits/ledger"),
        ("GET", "/payment/v1/credits/usage/breakdown"),
        ("GET", "/payment/v1/invoices"),
        ("GET", "/payment/v1/invoices/{id}/pdf"),
    ),
    ABSENT[1].instead,
)
"""What clients look for below no prefix."""


def _refusing(absent: Absent) -> Callable[[], Awaitable[Response]]:
    """Whoever asks: without a key as well, since no key would help."""

    @in_envelope
    async def refuse() -> Response:
        raise NotOffered(absent.what, absent.instead)

    return refuse


def _refuse_all(router: APIRouter, absent: Absent) -> None:
    for method, path in absent.routes:
        router.add_api_route(path, _refusing(absent), methods=[method])


for _absent in ABSENT:
    _refuse_all(router, _absent)
_refuse_all(payments, PAYMENTS)
