"""A question to a model, put into the dialect of its endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from postcall.llm.dialect import Dialect, Format, Sent
from postcall.llm.messages import Message

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, before it is put into a dialect."""

    model: str
    messages: Sequence[Message]
    schema: bytes
    """The JSON schema of the reply, as JSON."""
    schema_name: str
    max_tokens: int | None


def prepare(
    model: str,
    messages: Sequence[Message],
    *,
    schema: Mapping[str, object],
    schema_name: str,
    max_tokens: int | None,
) -> Ask:
    """An Ask whose texts can all be encoded: a lone surrogate, which no UTF-8 holds, becomes a question mark."""
    try:
        encoded = _ENCODER.encode(schema)
    except UnicodeEncodeError:
        encoded = _ENCODER.encode(encodable(schema))
    return Ask(model, messages, encoded, schema_name, max_tokens)


def render(ask: Ask, dialect: Dialect) -> bytes:
    """The request's body."""
    wanted = dialect.format_for(ask.schema)
    messages = ask.messages if wanted is Format.SCHEMA else with_schema(ask.messages, ask.schema)
    body: dict[str, object] = {"model": ask.model, "messages": messages}
    if wanted is Format.SCHEMA:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": ask.schema_name, "strict": True, "schema": msgspec.Raw(ask.schema)},
        }
    elif wanted is Format.OBJECT:
        body["response_format"] = {"type": "json_object"}
    if ask.max_tokens is not None and dialect.token_limits:
        body[dialect.token_limits[0]] = ask.max_tokens
    try:
        return _ENCODER.encode(body)
    except UnicodeEncodeError:
        body["messages"] = [Message(each.role, without_surrogates(each.content)) for each in messages]
        return _ENCODER.encode(body)


def sent_in(ask: Ask, dialect: Dialect) -> Sent:
    """What the request holds that may be refused."""
    return Sent(dialect.format_for(ask.schema), ask.schema, limited=ask.max_tokens is not None)


def with_schema(messages: Sequence[Message], schema: bytes) -> list[Message]:
    """The schema as words, after everything else so that providers' prompt caches of what stands before stay valid.

    It joins the last message where that is the user's, since many chat templates refuse two in a row.
    """
    instruction = (
        "Reply with one JSON object and nothing else: no prose, no code fence. It must fit this JSON schema:\n"
        + schema.decode()
    )
    last = messages[-1] if messages else None
    if last is None or last.role != "user":
        return [*messages, Message("user", instruction)]
    return [*messages[:-1], Message("user", f"{last.content}\n\n{instruction}")]


def without_surrogates(text: str) -> str:
    """The text with question marks for what no UTF-8 holds."""
    return text.encode("utf-8", "replace").decode()


def encodable(value: object) -> object:
    """The same of all texts in a JSON value."""
    match value:
        case str():
            return without_surrogates(value)
        case Mapping():
            return {without_surrogates(str(key)): encodable(item) for key, item in value.items()}
        case list() | tuple():
            return [encodable(item) for item in value]
    return value
