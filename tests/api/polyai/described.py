"""The published descriptions of PolyAI's interface, and what about a reply is not as they say."""

from __future__ import annotations

import functools
import json
from typing import Any, TypeAlias

import jsonschema
import requests
from tests.conftest import SHARED

FILES = ("alerts", "chat", "conversations-v3", "handoff", "outbound", "webhooks")
Operation: TypeAlias = tuple[str, str, str]
"""File, method and path, such as `("chat", "PUT", "/{version}/{account_id}/{project_id}/chat/close")`."""
_METHODS = ("get", "post", "put", "patch", "delete")


@functools.cache
def described(file: str) -> dict[str, Any]:
    """One of the documents, with its nullable fields said as JSON schema says them."""
    path = SHARED / "contracts" / f"polyai-{file}.openapi.json"
    found: dict[str, Any] = json.loads(path.read_text(), object_hook=_plain)
    return found


def operations(*files: str) -> set[Operation]:
    """Every operation of these files."""
    return {
        (file, method.upper(), path)
        for file in files
        for path, item in described(file)["paths"].items()
        for method in _METHODS
        if method in item
    }


def statuses(operation: Operation) -> set[int]:
    """Those that are described of an operation."""
    return set(map(int, _responses(operation)))


def body_faults(operation: Operation, reply: requests.Response) -> list[str]:
    """What about a reply's body is not as described; of a status that is not, it has to be an error as the others."""
    responses = _responses(operation)
    content = responses.get(str(reply.status_code), responses["401"]).get("content", {})
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if not content:
        return [f"a body of {len(reply.content)} bytes"] if reply.content else []
    if kind not in content:
        return [f"{kind!r}, not {', '.join(content)}"]
    if kind != "application/json":
        return []
    document = described(operation[0])
    checker = jsonschema.Draft202012Validator(
        {**content[kind]["schema"], "components": document["components"]}, format_checker=jsonschema.FormatChecker()
    )
    return [
        f"{'.'.join(map(str, fault.absolute_path)) or 'body'}: {fault.message[:200]}"
        for fault in checker.iter_errors(reply.json())
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    file, method, path = operation
    found: dict[str, Any] = described(file)["paths"][path][method.lower()]["responses"]
    return found


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    return node
