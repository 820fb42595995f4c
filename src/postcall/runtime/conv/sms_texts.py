"""The text of a prepared message, with the values of the moment in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from postcall.runtime.conv.mappings import text_in
from postcall.runtime.conv.plain import as_text

_DOLLAR = re.compile(r"\$(?:\{(\w+)\}|([^\W\d]\w*))")
_REFERENCE = re.compile(r"\{\{(vrbl|tn|attr):([\w-]+)\}\}")


def fill_in(
    text: str,
    *,
    state: Mapping[str, Any],
    variant: Mapping[str, Any],
    translations: Mapping[str, Mapping[str, str]],
    languages: tuple[str | None, ...],
) -> str:
    """Put in `$name`, `${variant_name}`, `{{vrbl:name}}`, `{{tn:name}}` and `{{attr:name}}`.

    A `$name` that is not set stays as it is, so prices do; a reference that is not set leaves nothing. Values may
    hold references themselves, which is why they are resolved last.
    """

    def dollar(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        value = state.get(name)
        if value is None and name.startswith("variant_"):
            value = variant.get(name.removeprefix("variant_"))
        return match[0] if value is None else as_text(value)

    def reference(match: re.Match[str]) -> str:
        kind, name = match[1], match[2]
        if kind == "tn":
            return text_in(translations.get(name) or {}, *languages) or ""
        value = (state if kind == "vrbl" else variant).get(name)
        return "" if value is None else as_text(value)

    return _REFERENCE.sub(reference, _DOLLAR.sub(dollar, text))
