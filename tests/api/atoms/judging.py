"""What is wrong with a reply of the Atoms interface: its envelope, and what the published description says of it."""

from __future__ import annotations

import re

import httpx
from tests.api.atoms.published import misfits, operations
from tests.api.atoms.test_not_offered import NOT_OFFERED, nameless

NOT_JSON = frozenset(("text/csv", "text/event-stream"))
BARE = frozenset(("/account/get-account-details", "/campaign/{id}/export/by-audience-member"))
"""What is answered without an envelope."""
WHERE_THE_DESCRIPTION_IS_WRONG: tuple[tuple[str, str], ...] = (
    (
        r'answers 400, which is not described: .*"(No agent found|Invalid (agent|campaign) id)"',
        "unknown agents and ids that are none are 400 everywhere, which some routes are described without",
    ),
    (r"answers 401, which is not described", "the latest routes are described without what comes without a key"),
    (r"^get /agent/\{id\}/workflow 200 data\.data: .* is valid under each of", "any object is either of the two"),
    (r"\.?type: 'chat' is not one of", "chats are in the log of calls, and the description knows web calls alone"),
    (r"\.?status: 'busy' is not one of", "the pages of the documentation know busy calls, the description does not"),
    (r"dispositionMetrics\.\d+\.value: None is not of type 'string'", "a metric without an answer has no value"),
    (r"/export/by-audience-member answers text/csv, not", "the reply to format=csv, which is among its parameters"),
    (r"^get /audience/\{id\}/members 400 status: False is not of type", "a text here alone, true or false elsewhere"),
)
"""A pattern for what does not fit, and why it is right nevertheless."""


def served() -> set[tuple[str, str]]:
    """What is published, without what is not offered and without what receivers of webhooks are sent."""
    refused = {(method, nameless(path)) for method, path in NOT_OFFERED}
    return {
        (method, path)
        for method, path in operations()
        if (method.upper(), nameless(path)) not in refused and not path.startswith("/webhook-events/")
    }


def envelope_faults(method: str, template: str, reply: httpx.Response) -> list[str]:
    """A success says so, and an error says in words what is wrong."""
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if reply.is_success and (kind in NOT_JSON or template in BARE):
        return []
    where = f"{method} {template} {reply.status_code}"
    if kind != "application/json":
        return [f"{where} is {kind or 'of no type'}: {reply.text[:200]}"]
    body = reply.json()
    if body.get("status", body.get("success")) is not reply.is_success:
        return [f"{where} has no envelope: {reply.text[:200]}"]
    if reply.is_error and not (body["errors"] and all(isinstance(text, str) for text in body["errors"])):
        return [f"{where} does not say what is wrong: {reply.text[:200]}"]
    return []


def unexplained(lines: list[str]) -> list[str]:
    """What does not fit for none of the reasons above, each once."""
    return [line for line in dict.fromkeys(lines) if not any(fits(line) for fits in _EXPLAINED)]


def unfit(method: str, template: str, reply: httpx.Response) -> list[str]:
    """What of a reply neither fits nor is explained."""
    return unexplained(misfits(method, template, reply))


_EXPLAINED = tuple(re.compile(pattern).search for pattern, _ in WHERE_THE_DESCRIPTION_IS_WRONG)
