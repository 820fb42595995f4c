"""`conv.utils`: the model, secrets, and checking a value."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postcall.runtime.conv.channel import Channel, NotRunning
from postcall.runtime.conv.errors import ChatCompletionError, ExtractionError, InvalidInput
from postcall.runtime.conv.history import AgentResponse, UserInput
from postcall.runtime.conv.plain import as_text

if TYPE_CHECKING:
    from postcall.runtime.conv.entity_types import EntityConfig
    from postcall.runtime.conv.validation import EntityValidationResponse

_CONFIGS = (
    "NumericConfig",
    "QuantityConfig",
    "CurrencyConfig",
    "NameConfig",
    "FreeTextConfig",
    "AlphanumericConfig",
    "DateConfig",
    "EmailConfig",
    "TimeConfig",
    "PhoneNumberConfig",
    "EnumConfig",
    "NumericType",
    "EntityType",
)


@dataclass
class Address:
    """An address, as far as it is known."""

    street_number: str | None = None
    street_name: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None


class Utils:
    """What a function may use besides the conversation. Every method may be called from any thread."""

    def __init__(
        self,
        account_id: str,
        project_id: str,
        client_env: str,
        conversation_id: str,
        turn_index: int,
        language: str,
        history: list[UserInput | AgentResponse],
        transcript_alternatives: list[str],
        vpc_enabled: bool = False,
        correlation_id: str | None = None,
    ) -> None:
        self._project_id = project_id
        self._channel: Channel = NotRunning()
        self._has_model = False

    @classmethod
    def asking(cls, channel: Channel, *, has_model: bool, project_id: str) -> Utils:
        """With somebody to ask."""
        utils = cls("", project_id, "", "", 0, "", [], [])
        utils._channel = channel
        utils._has_model = has_model
        return utils

    def extract_address(self, addresses: list[Address] | None = None, country: str = "US") -> Address:
        """Not enabled: it needs a service that knows addresses."""
        raise ExtractionError("extracting addresses is not enabled: it needs an outside service")

    def extract_city(
        self, city_spellings: list[str] | None = None, states: list[str] | None = None, country: str = "US"
    ) -> Address:
        """Not enabled, like `extract_address`."""
        raise ExtractionError("extracting cities is not enabled: it needs an outside service")

    def prompt_llm(
        self, prompt: str, *, show_history: bool = False, return_json: bool = False, model: str = "gpt-4o"
    ) -> str | dict[str, Any]:
        """The model's answer: a text, or a dictionary with `return_json`.

        Whichever `model` is named, the one that is configured for the account answers. Raises NotImplementedError
        where none is, PromptLLMCallLimitError when the conversation has asked too often, else ChatCompletionError.
        """
        if not self._has_model:
            raise NotImplementedError("no model is enabled for this account")
        answer = self._channel.ask(
            "prompt_llm",
            {
                "prompt": as_text(prompt),
                "show_history": bool(show_history),
                "return_json": bool(return_json),
                "model": as_text(model),
            },
        )
        return _as_object(answer) if return_json else as_text(answer)

    def validate_entity(self, value: str, entity_config: EntityConfig) -> EntityValidationResponse:
        """Check a value: `is_valid`, `message`, and `details` with the value as it is to be kept."""
        # Late: the configurations are pydantic models, and most projects use none.
        from postcall.runtime.conv.validation import validate

        return validate(value, entity_config)

    def get_secret(self, secret_name: str) -> str | dict[str, Any]:
        """A secret of the agent. Raises SecretNotFound, MissingAccess or InvalidInput."""
        if not isinstance(secret_name, str) or not secret_name.strip():
            raise InvalidInput(self._project_id, as_text(secret_name))
        secret = self._channel.ask("get_secret", {"name": as_text(secret_name)})
        return dict(secret) if isinstance(secret, dict) else as_text(secret)

    def __getattr__(self, name: str) -> Any:
        if name not in _CONFIGS:
            raise AttributeError(f"utils has no {name}")
        from postcall.runtime.conv import entity_types

        return getattr(entity_types, name)


def _as_object(answer: Any) -> dict[str, Any]:
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError as error:
            raise ChatCompletionError(f"the model's answer is no JSON: {error}") from None
    if not isinstance(answer, dict):
        raise ChatCompletionError(f"the model's answer is a {type(answer).__name__}, not an object")
    return answer
