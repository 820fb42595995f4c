"""The endpoints of models, those that answer and those that make vectors of texts, and what a question may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from postcall.errors import SettingsError

_URL, _MODEL, _KEY = "POSTCALL_EMBEDDINGS_BASE_URL", "POSTCALL_EMBEDDINGS_MODEL", "POSTCALL_EMBEDDINGS_API_KEY"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The endpoint that answers questions about calls."""

    base_url: str
    """Of any server that speaks chat completions, such as `http://127.0.0.1:11434/v1`."""
    model: str
    api_key: str
    reasoning_model: str | None = None
    """Asked instead of `model` by versions that say so."""
    agent_model: str | None = None
    """What agents converse with, and what answers questions that an agent's own model is to answer; None: `model`."""
    agent_models: Mapping[str, str] = field(default_factory=dict)
    """The same for agents that call their model by these names."""
    concurrency: int = 32
    """Requests in flight at most."""
    timeout_s: float = 60.0
    """For one request."""
    context_tokens: int = 100_000
    """What the model can read at once; longer transcripts are read in windows."""
    price_prompt: float | None = None
    """Per million prompt tokens."""
    price_completion: float | None = None
    """Per million completion tokens."""
    prefix: str = "POSTCALL_LLM_"
    """How the settings are called that it came from, for messages about them."""

    def model_of_agent(self, name: str | None) -> str:
        """The model of an agent that calls it by this name; names that nobody has explained mean all agents' model."""
        return self.agent_models.get(name or "") or self.agent_model or self.model


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """Any server that speaks embeddings as OpenAI's does."""

    base_url: str
    """Without a slash at the end."""
    model: str
    api_key: str = field(default="none", repr=False)
    timeout_s: float = 60.0
    """For one request."""


@dataclass(frozen=True, slots=True)
class AnalystSettings:
    """What one question to the analyst may cost where a model is set up."""

    requests: int = 60
    """To the model: 500 calls are read in 20 to 40 of them."""
    tokens: int = 1_000_000
    """Read and written, of all requests together; 500 calls of five minutes take about 600,000."""
    seconds: float = 300.0


def read_embeddings(environ: Mapping[str, str]) -> EmbeddingSettings | None:
    """None where no endpoint is named, or SettingsError."""
    base_url, model, api_key = (environ.get(name, "").strip() for name in (_URL, _MODEL, _KEY))
    if not base_url:
        if model or api_key:
            raise SettingsError(f"{_MODEL if model else _KEY} is set but {_URL}, which says where to ask, is not")
        return None
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"{_URL} is not an address: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"{_URL} must be an http:// or https:// address, such as http://127.0.0.1:11434/v1")
    if not model:
        raise SettingsError(f"{_MODEL} must name the model that {_URL} serves")
    if not api_key.isascii() or not api_key.isprintable():
        raise SettingsError(f"{_KEY} holds a character that no HTTP header can carry")
    return EmbeddingSettings(base_url.rstrip("/"), model, api_key or "none")
