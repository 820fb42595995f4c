"""What functions may ask for and cannot have in their own process: the model, secrets, other servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from postcall.domain.calls import Json
from postcall.errors import ModelError
from postcall.llm.chat import ask_text
from postcall.llm.chat_shapes import ChatMessage, ChatModel
from postcall.llm.salvage import read_object
from postcall.runtime.protocol import Answered, Ask
from postcall.runtime.redaction import Redactor

if TYPE_CHECKING:
    from postcall.runtime.hosting.api_requests import ApiRequests

PROMPT_TIMEOUT_S = 8.0
"""The published client's own deadline for `prompt_llm`; while somebody waits on the line, more would be silence."""
END_PROMPT_TIMEOUT_S = 60.0
"""In `end_function`, where nobody waits."""


@dataclass(frozen=True, slots=True)
class FunctionAnswers:
    """The Answerer of one conversation."""

    model: ChatModel | None
    secrets: Mapping[str, Json]
    closed_secrets: frozenset[str]
    agent: str
    redactor: Redactor
    api: ApiRequests
    prompt_timeout_s: float = PROMPT_TIMEOUT_S

    @property
    def has_model(self) -> bool:
        """Whether `prompt_llm` may be used."""
        return self.model is not None

    async def answer(self, ask: Ask, *, history: Sequence[Mapping[str, str]]) -> Answered:
        """The answer, or the documented exception that the function is to see."""
        match ask.what:
            case "prompt_llm":
                return await self._prompt(ask, history)
            case "get_secret":
                return self._secret(ask)
            case "api_request":
                return await self.api.request(ask, secrets=self.secrets)
        return Answered(ask.ask, error="NotImplementedError", error_arguments=(f"{ask.what} is not offered here",))

    async def _prompt(self, ask: Ask, history: Sequence[Mapping[str, str]]) -> Answered:
        if self.model is None:
            message = "no model is enabled for this account (POSTCALL_LLM_BASE_URL is not set)"
            return Answered(ask.ask, error="NotImplementedError", error_arguments=(message,))
        wants_json = bool(ask.arguments.get("return_json"))
        messages = _messages(ask.arguments, history if ask.arguments.get("show_history") else (), self.redactor)
        try:
            text = await ask_text(
                self.model, messages, json_object=wants_json, timeout_s=self.prompt_timeout_s, model=None
            )
            return Answered(ask.ask, value=read_object(text).content if wants_json else text)
        except ModelError as error:  # also where no JSON object is in the text
            return Answered(ask.ask, error="ChatCompletionError", error_arguments=(error.message,))

    def _secret(self, ask: Ask) -> Answered:
        name = ask.arguments.get("name")
        if not isinstance(name, str) or not name:
            return Answered(ask.ask, error="InvalidInput", error_arguments=(self.agent, str(name)))
        if name in self.closed_secrets:
            return Answered(ask.ask, error="MissingAccess", error_arguments=(self.agent, name))
        if name not in self.secrets:
            return Answered(ask.ask, error="SecretNotFound", error_arguments=(name,))
        return Answered(ask.ask, value=self.secrets[name])


_ROLES: dict[str, Literal["user", "assistant"]] = {"user": "user", "agent": "assistant", "assistant": "assistant"}


def _messages(
    arguments: Mapping[str, Any], history: Sequence[Mapping[str, str]], redactor: Redactor
) -> list[ChatMessage]:
    """The conversation, where it was asked for, and the prompt behind it."""
    said = [
        ChatMessage(_ROLES.get(each["role"], "user"), redactor.text(each["content"]))
        for each in history
        if each["content"]
    ]
    return [*said, ChatMessage("user", redactor.text(str(arguments.get("prompt", ""))))]
