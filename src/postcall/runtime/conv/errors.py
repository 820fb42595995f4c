"""The exceptions that projects know, under the names and with the arguments that they know them by."""

from __future__ import annotations

import builtins
from typing import Any


class OutsideServiceNeeded(NotImplementedError):
    """What was asked for is run by somebody else's service, which postcall does not have."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs an outside service that is not part of postcall")


class SMSIntegrationNotFound(Exception):
    """No such integration for sending messages."""

    def __init__(self, secret_name: str, integration: str) -> None:
        super().__init__(f"{integration}: no integration with the secret {secret_name}")


class SMSMissingAssistantAccess(Exception):
    """The agent may not use the integration."""

    def __init__(self, secret_name: str, assistant_id: str, integration: str) -> None:
        super().__init__(f"{integration}: {assistant_id} may not use the secret {secret_name}")


class SMSClientFailure(Exception):
    """A message could not be sent."""

    def __init__(self, integration: str, reason: str) -> None:
        super().__init__(f"{integration}: {reason}")


class MissingTemplate(Exception):
    """The project has no such SMS template."""


class MissingHandoff(Exception):
    """The project has no such handoff."""

    def __init__(self, handoff_destination: str) -> None:
        super().__init__(f"no handoff {handoff_destination}")


class SecretNotFound(Exception):
    """The agent has no such secret."""

    def __init__(self, secret_name: str) -> None:
        super().__init__(f"no secret {secret_name}")


class MissingAccess(Exception):
    """The agent may not read the secret."""

    def __init__(self, assistant_id: str, secret_name: str) -> None:
        super().__init__(f"{assistant_id} may not read the secret {secret_name}")


class InvalidInput(Exception):
    """That cannot be the name of a secret."""

    def __init__(self, assistant_id: str, secret_name: str) -> None:
        super().__init__(f"{assistant_id}: {secret_name!r} is not the name of a secret")


class ExtractionError(Exception):
    """An address or a city could not be made out of what was said."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class PromptLLMCallLimitError(Exception):
    """The conversation has asked the model as often as it may."""


class ChatCompletionError(Exception):
    """The model did not answer, or not as asked."""


_OURS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        OutsideServiceNeeded,
        SMSIntegrationNotFound,
        SMSMissingAssistantAccess,
        SMSClientFailure,
        MissingTemplate,
        MissingHandoff,
        SecretNotFound,
        MissingAccess,
        InvalidInput,
        ExtractionError,
        PromptLLMCallLimitError,
        ChatCompletionError,
    )
}
_OF_REQUESTS = {"ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "SSLError", "HTTPError", "InvalidURL"}
"""Raised by `conv.api` as a request of its own would raise them; a plain `ConnectionError` is never meant."""


def documented(name: str, arguments: tuple[Any, ...]) -> Exception:
    """The exception of this name; one that nobody knows is a RuntimeError that names it."""
    kind = _OURS.get(name)
    if kind is None and (name in _OF_REQUESTS or name == "RequestException"):
        # Late, as it takes a while to import and few functions need it.
        import requests.exceptions

        kind = getattr(requests.exceptions, name)
    if kind is None:
        found = getattr(builtins, name, None)
        kind = found if isinstance(found, type) and issubclass(found, Exception) else None
    if kind is None:
        return RuntimeError(": ".join(str(part) for part in (name, *arguments)))
    try:
        return kind(*arguments)
    except TypeError:
        error = Exception.__new__(kind, *arguments)
        error.args = arguments
        return error
