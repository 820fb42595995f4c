"""Builders for tests that ask a scripted model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from tests.aside import run_aside

from postcall.llm import Message, ModelClient, Reply
from postcall.settings import ModelSettings
from postcall.testing import ScriptedModel

T = TypeVar("T")

KEY = "Zm9vYmFy0123456789"
MESSAGES = (Message("system", "Answer about the call."), Message("user", "0 caller: I want my money back."))
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"summary": {"type": "string"}},
    "required": ["summary"],
    "additionalProperties": False,
}


def settings_for(model: ScriptedModel, **changes: object) -> ModelSettings:
    """Settings that point at the scripted model."""
    settings = ModelSettings(base_url=model.url, model="small", api_key=KEY, timeout_s=5.0)
    return replace(settings, **changes)  # type: ignore[arg-type]


def with_client(settings: ModelSettings, use: Callable[[ModelClient], Awaitable[T]]) -> T:
    """Run `use` with a client that is closed afterwards."""

    async def run() -> T:
        client = ModelClient(settings)
        try:
            return await use(client)
        finally:
            await client.close()

    return run_aside(run())


async def ask(client: ModelClient, *, reasoning: bool = False, max_tokens: int | None = None) -> Reply:
    """The same question each time."""
    return await client.ask_json(
        MESSAGES, schema=SCHEMA, schema_name="findings", reasoning=reasoning, max_tokens=max_tokens
    )


def ask_once(model: ScriptedModel, **changes: object) -> Reply:
    """One question by a client of its own."""
    return with_client(settings_for(model, **changes), ask)
