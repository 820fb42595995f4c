"""Default steps: values are taken from what the user said before the model may choose a way out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from postcall.errors import ModelError
from postcall.llm.chat_shapes import ChatModel, TextDelta
from postcall.runtime.projects.model import Entity, Step
from postcall.runtime.protocol import CollectedEntity
from postcall.runtime.session.speaking import redacted, until_interrupted
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.entities import check, error_text, extraction_messages, read_extraction, typed


async def collect(turn: Turn, step: Step) -> None:
    """Take the step's values from what the user just said; a model that fails here leaves everything as it was."""
    entities = [turn.project.entities[name] for name in step.extracted_entities if name in turn.project.entities]
    if not entities or not turn.text.strip() or turn.setting.model is None:
        return
    try:
        reply = await _ask(turn, turn.setting.model, entities)
    except ModelError as error:
        turn.journal.warn("model", f"values could not be taken from what the user said: {error}", code=error.code)
        return
    found = read_extraction(reply, entities)
    now = turn.setting.host.now()
    refused = {}
    for entity in entities:
        if entity.name not in found:
            continue
        collected = check(entity, found[entity.name], now=now, language=turn.language)
        turn.journal.collected(collected)
        if collected.valid:
            _keep(turn, entity, collected)
        else:
            refused[entity.name] = collected
    turn.entity_errors = error_text(refused)


async def _ask(turn: Turn, model: ChatModel, entities: Sequence[Entity]) -> str:
    history = turn.working.history
    asked = next((each.text for each in reversed(history) if each.role == "agent"), None)
    now = turn.setting.host.now()
    messages = extraction_messages(entities, turn.text, asked=asked, now=now, language=turn.language)
    limit_s = turn.setting.limits.model_s
    stream = model.converse(redacted(turn, messages), timeout_s=limit_s, json_object=True)
    pieces = []
    async with until_interrupted(turn, stream):
        async for piece in stream:
            if isinstance(piece, TextDelta):
                pieces.append(piece.text)
    return "" if turn.interrupted else "".join(pieces)


def _keep(turn: Turn, entity: Entity, collected: CollectedEntity) -> None:
    """The value is the conversation's from now on: in `conv.entities` and in `conv.state`."""
    working = turn.working
    value = typed(entity, collected)
    working.entities[entity.name] = collected
    working.state_changes[entity.name] = value
    working.projection[entity.name] = value
    working.texts[entity.name] = value if isinstance(value, str) else json.dumps(value)
