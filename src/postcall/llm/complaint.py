"""What an endpoint says when it does not answer, read from the many shapes that servers give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

HEAD = 400
"""Characters of a complaint that are read. Some servers repeat the request further on, and what a caller said in it
must not be taken for the server's own words."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """An HTTP error, or an error in a body that came with 200."""

    status: int
    message: str
    """Empty where the body holds no words of the endpoint, such as an HTML page."""
    code: str = ""
    """Codes and types, as many as were given."""
    param: str = ""
    """The parameter at fault, where it is named."""
    retry_after_s: float | None = None

    @property
    def head(self) -> str:
        """The part of the message that is the endpoint's own words."""
        return self.message[:HEAD]


def read_complaint(status: int, body: bytes, *, retry_after_s: float | None = None) -> Complaint:
    """Read the error body of OpenAI, Azure, vLLM, llama.cpp, Ollama, Gemini, FastAPI servers and plain proxies."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        text = body.decode("utf-8", "replace").strip()
        return Complaint(status, "" if text.startswith("<") else text, retry_after_s=retry_after_s)
    return complaint_from(status, content, retry_after_s=retry_after_s)


def complaint_from(status: int, content: object, *, retry_after_s: float | None = None) -> Complaint:
    """Read an error body that is already parsed."""
    if isinstance(content, list) and content:
        # Gemini's compatible endpoint puts the error into a list of one.
        content = content[0]
    if not isinstance(content, Mapping):
        return Complaint(status, content if isinstance(content, str) else "", retry_after_s=retry_after_s)
    error = content.get("error", content)
    if isinstance(error, str):
        return Complaint(status, error, retry_after_s=retry_after_s)
    if not isinstance(error, Mapping):
        error = content
    detail = error.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], Mapping):
        return _from_validation(status, detail[0], retry_after_s=retry_after_s)
    message = error.get("message") or detail or ""
    return Complaint(
        status,
        message if isinstance(message, str) else "",
        code=" ".join(str(error[key]) for key in ("code", "type") if error.get(key)),
        param=str(error.get("param") or ""),
        retry_after_s=retry_after_s,
    )


def _from_validation(status: int, first: Mapping[str, object], *, retry_after_s: float | None) -> Complaint:
    """FastAPI's own 422, which names the place in `loc`; its `input` repeats the request and is not read."""
    place = first.get("loc")
    path = ".".join(str(step) for step in place if step != "body") if isinstance(place, list) else ""
    return Complaint(status, f"{path}: {first.get('msg', '')}", param=path, retry_after_s=retry_after_s)
