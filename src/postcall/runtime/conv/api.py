"""`conv.api`: requests to the servers that the project names, made by the session, which has the credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from postcall.runtime.conv.plain import as_json, as_text

if TYPE_CHECKING:
    import requests

    from postcall.runtime.conv.conversation import Conversation

_PART = re.compile(r"\{(\w+)\}")
_OPTIONS = ("params", "json", "data", "headers", "timeout")


@dataclass
class ApiIntegrationData:
    """An integration as the project has it."""

    id: str
    name: str
    environments: dict[str, dict[str, str]]
    operations: list[dict[str, str]]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ApiIntegrationData:
        return cls(data["id"], data["name"], dict(data["environments"]), list(data["operations"]))


class ApiExecutor:
    """The integrations, by name."""

    def __init__(self, conv: Conversation, api_integrations: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._conv = conv
        self._integrations = api_integrations or {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._integrations:
            raise AttributeError(f"the project has no API integration {name}")
        return _Operations(self._conv, name, self._integrations[name].get("operations") or {})


class _Operations:
    """The operations of one integration, by name."""

    def __init__(self, conv: Conversation, integration: str, operations: Mapping[str, Mapping[str, str]]) -> None:
        self._conv = conv
        self._integration = integration
        self._operations = operations

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        operation = self._operations.get(name)
        if operation is None:
            raise AttributeError(f"the API integration {self._integration} has no operation {name}")

        def call(*path: Any, **options: Any) -> requests.Response:
            """Values for the path, in its order or by name; `params`, `json`, `data`, `headers`, `timeout`."""
            values = fill_path(operation.get("resource", ""), path, options)
            answer = self._conv.around.channel.ask(
                "api_request",
                {
                    "integration": self._integration,
                    "operation": name,
                    "path": values,
                    **{option: _as_sent(option, options.get(option)) for option in _OPTIONS},
                },
            )
            return as_response(answer)

        return call


def fill_path(resource: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
    """The values for a path's `{parts}`, in their order. Raises TypeError for one too few, too many or unknown.

    A part that is given neither way may stand in `params`, which documented examples do.
    """
    parts = _PART.findall(resource)
    unknown = set(named) - set(parts) - set(_OPTIONS)
    if unknown:
        raise TypeError(f"unexpected: {', '.join(sorted(unknown))}")
    if len(given) > len(parts):
        raise TypeError(f"{resource} takes {len(parts)} values, {len(given)} were given")
    params = named.get("params")
    values = list(given)
    for part in parts[len(given) :]:
        if part in named:
            values.append(named[part])
        elif isinstance(params, Mapping) and part in params:
            values.append(params[part])
        else:
            raise TypeError(f"{resource} needs a value for {part}")
    return [as_text(value) for value in values]


def _as_sent(option: str, value: Any) -> Any:
    if option == "timeout" and isinstance(value, tuple):
        # As requests has it: the time to connect, then the time between bytes.
        value = max((part for part in value if isinstance(part, int | float)), default=None)
    if option == "data" and isinstance(value, bytes | str):
        return value
    return as_json(value)


def as_response(answer: Mapping[str, Any]) -> requests.Response:
    """What the server said, as a response of `requests`."""
    import requests
    from requests.structures import CaseInsensitiveDict
    from requests.utils import get_encoding_from_headers

    response = requests.Response()
    response.status_code = answer["status"]
    response.headers = CaseInsensitiveDict(answer.get("headers") or {})
    response.url = answer.get("url") or ""
    response.elapsed = timedelta(seconds=answer.get("seconds") or 0.0)
    response.encoding = get_encoding_from_headers(response.headers)
    response.reason = _reason(response.status_code)
    response._content = answer.get("body") or b""
    response._content_consumed = True  # type: ignore[attr-defined]
    return response


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def told_of(response: Any, override_url: str | None) -> dict[str, Any]:
    """What `log_api_response` keeps of a response. Query and credentials of the address are left out."""
    request = getattr(response, "request", None)
    elapsed = getattr(response, "elapsed", None)
    url = as_text(override_url or getattr(response, "url", None) or "")
    return {
        "url": re.sub(r"(?<=//)[^/@]*@", "", url.split("?", 1)[0].split("#", 1)[0]),
        "method": as_text(getattr(request, "method", None) or ""),
        "status": as_json(getattr(response, "status_code", None)),
        "seconds": elapsed.total_seconds() if isinstance(elapsed, timedelta) else None,
    }
