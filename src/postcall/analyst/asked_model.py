"""The model that plans answers and reads calls, where one is set up."""

from __future__ import annotations

from dataclasses import dataclass, field

from postcall.analyst.budget import Limits
from postcall.analyst.themes.reading import Reader
from postcall.endpoint_settings import ModelSettings
from postcall.llm.chat_shapes import ChatModel


@dataclass(frozen=True, slots=True)
class AskedModel:
    """Two ways to ask one model, and what a question may cost."""

    chat: ChatModel
    reader: Reader
    limits: Limits = field(default_factory=Limits)


def open_model(settings: ModelSettings, *, limits: Limits) -> AskedModel:
    """The model of the settings, whatever agents converse with. Loads the client, which takes half a second."""
    from postcall.llm.chat import ChatClient, ModelOfAgent
    from postcall.llm.client import ModelClient

    return AskedModel(
        chat=ModelOfAgent(ChatClient(settings), settings.model),
        reader=Reader(ModelClient(settings), settings.model, settings.context_tokens),
        limits=limits,
    )
