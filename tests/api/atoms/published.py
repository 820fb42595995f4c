"""The published description of the Atoms interface, and whether a reply fits it."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import httpx
import jsonschema
from tests.conftest import SHARED

DESCRIPTION = SHARED / "contracts" / "atoms-v1.openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


@functools.cache
def described() -> dict[str, Any]:
    """The OpenAPI document as it was published."""
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return found


def operations() -> list[tuple[str, str]]:
    """Every method and path of the document, such as `("get", "/agent/{id}")`."""
    return [(method, path) for path, item in described()["paths"].items() for method in METHODS if method in item]


def misfits(method: str, path: str, reply: httpx.Response) -> list[str]:
    """What about a reply is not as the document says for this operation; a status it does not know is one thing."""
    responses = described()["paths"][path][method.lower()]["responses"]
    status = reply.status_code
    described_as = next((key for key in (str(status), f"{status // 100}XX") if key in responses), "")
    if not described_as:
        return [f"{method} {path} answers {reply.status_code}, which is not described: {reply.text[:300]}"]
    content = _resolved(responses[described_as]).get("content", {})
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if not content:
        return []
    if kind not in content:
        return [f"{method} {path} answers {kind}, not one of {list(content)}"]
    schema = content[kind].get("schema")
    if schema is None or kind != "application/json":
        return []
    checker = jsonschema.Draft202012Validator(_plain(schema))
    where = f"{method} {path} {reply.status_code}"
    return [
        f"{where} {'.'.join(map(str, fault.absolute_path)) or 'body'}: {fault.message[:200]}"
        for fault in checker.iter_errors(reply.json())
    ]


def fits(method: str, path: str, reply: httpx.Response) -> None:
    """Fail, saying where, unless the reply is as the document says for this operation (a path with its `{names}`)."""
    assert misfits(method, path, reply) == []


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = described()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _plain(node: Any, above: tuple[str, ...] = ()) -> Any:
    """The schema in today's terms: OpenAPI 3.0's `nullable` as a type, references in place."""
    if isinstance(node, list):
        return [_plain(each, above) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        if node["$ref"] in above:  # it holds itself: from here on anything
            return {}
        return _plain(_resolved(node), (*above, node["$ref"]))
    plain = {key: _plain(value, above) for key, value in node.items() if key not in {"nullable", "example"}}
    if "pattern" in plain:
        plain["pattern"] = re.sub(r"^/(.*)/$", r"\1", str(plain["pattern"]))
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain
