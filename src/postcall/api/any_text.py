"""A part of an address that may be any text, line ends and slashes included: `/metrics/{name:text}`."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor


class AnyText(Convertor[str]):
    """Takes all that is left of the address; Starlette's own `path` stops at the end of a line."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """The text as it is."""
        return value

    def to_string(self, value: str) -> str:
        """The text as it is."""
        return value


def take_any_text() -> None:
    """Make `:text` known to routes that are declared after this."""
    register_url_convertor("text", AnyText())
