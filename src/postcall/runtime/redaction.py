"""Taking secrets out of whatever is stored, shown or sent to a model."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from postcall.domain.calls import Json
from postcall.domain.secrets import SHORTEST_HIDDEN, SecretValue, texts_of, too_short_to_hide

_SHORTEST_LINE: Final = 12
"""Of a secret of several lines, such as a private key, a longer line counts as the secret itself."""
_SHORTEST_SHIFTED: Final = 6
"""Bytes: of a shorter secret, what is left of its base64 inside a longer one stands in many by chance."""


class Redactor:
    """Knows the secrets that one conversation was given, and writes `[secret NAME]` in their place.

    It finds them inside longer texts and as others write them: in URLs, in base64 (also amid more, as in a header of
    basic authentication), in JSON and HTML. It cannot find what a function has changed otherwise. Learning may happen
    on one thread while another uses it.
    """

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}
        self._ordered: tuple[tuple[str, str], ...] = ()

    def learn(self, name: str, value: SecretValue) -> str | None:
        """Hide this value from now on; a sentence to show its owner where a part of it is too short for that."""
        self.learn_all({name: value})
        return too_short_to_hide(name, value)

    def learn_all(self, secrets: Mapping[str, SecretValue]) -> None:
        """Hide these values from now on."""
        for name, value in secrets.items():
            for text in texts_of(value):
                for form in _forms(text):
                    self._forms.setdefault(form, name)
        if secrets:
            self._ordered = self._with_markers()

    def text(self, text: str) -> str:
        """The text without any secret. Takes time in proportion to its length, for each form of each secret."""
        spans = _merge(sorted(self._find(text))) if self._ordered else []
        if not spans:
            return text
        parts, last = [], 0
        for start, end, marker in spans:
            parts += [text[last:start], marker]
            last = end
        return "".join([*parts, text[last:]])

    def json(self, value: Json) -> Json:
        """The value without any secret in its texts, its names, or its numbers where a secret is all digits."""
        # All of it at once first: mostly there is nothing, and a state has hundreds of short texts.
        together = "\0".join(_texts(value)) if self._ordered else ""
        return self._part(value) if any(form in together for form, _ in self._ordered) else value

    def _part(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._part(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._part(part) for part in value]
        if value is None or isinstance(value, bool):
            return value
        shown = self.text(str(value))
        return value if shown == str(value) else shown

    def _find(self, text: str) -> Iterator[tuple[int, int, str]]:
        for form, marker in self._ordered:
            start = text.find(form)
            while start >= 0:
                yield start, start + len(form), marker
                start = text.find(form, start + len(form))

    def _with_markers(self) -> tuple[tuple[str, str], ...]:
        markers = {name: self._marker(name) for name in set(self._forms.values())}
        return tuple((form, markers[name]) for form, name in self._forms.items())

    def _marker(self, name: str) -> str:
        """What stands in a secret's place: without a secret in it, or else redacting twice would go on for ever."""
        candidates = (f"[secret {name}]", "[secret]", "[hidden]")
        return next((marker for marker in candidates if not any(form in marker for form in self._forms)), "[…]")


def _texts(value: Json) -> Iterator[str]:
    """Everything in it that could hold a secret."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _merge(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans that overlap as one, under the name of the longest of them."""
    merged: list[tuple[int, int, str]] = []
    longest = 0
    for start, end, marker in spans:
        if merged and start < merged[-1][1]:
            first, last, shown = merged[-1]
            if end - start > longest:
                longest, shown = end - start, marker
            merged[-1] = (first, max(last, end), shown)
        else:
            merged.append((start, end, marker))
            longest = end - start
    return merged


def _forms(text: str) -> set[str]:
    """The text as it may stand somewhere."""
    lines = [line.strip() for line in text.splitlines()]
    whole = [text, text.strip(), *(line for line in lines if len(lines) > 1 and len(line) >= _SHORTEST_LINE)]
    forms = {form for part in whole if len(part) >= SHORTEST_HIDDEN for form in _spellings(part)}
    return {form for form in forms if len(form) >= SHORTEST_HIDDEN}


def _spellings(text: str) -> Iterator[str]:
    yield text
    encoded = text.encode("utf-8", "surrogatepass")
    for quoted in (quote(encoded, safe=""), quote(encoded, safe="/"), quote_plus(encoded)):
        yield quoted
        yield _small_hex(quoted)
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]  # JSON in a text of JSON
    yield repr(text)[1:-1]
    yield html.escape(text)
    yield html.escape(text, quote=False)
    for form in _base64(encoded):
        yield form
        yield form.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def _small_hex(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _base64(encoded: bytes) -> Iterator[str]:
    """Alone, and what stays the same of it whatever bytes stand before and after."""
    yield base64.b64encode(encoded).decode().rstrip("=")
    if len(encoded) < _SHORTEST_SHIFTED:
        return
    for before in range(3):
        bits = 8 * before, 8 * (before + len(encoded))
        first, last = -(-bits[0] // 6), bits[1] // 6  # only characters all of whose six bits are the secret's
        yield base64.b64encode(b"\0" * before + encoded).decode()[first:last]
