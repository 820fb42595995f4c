"""Secrets that an agent's functions use: what may be one."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from postcall.domain.calls import Json
from postcall.domain.folding import storable
from postcall.errors import BadInput

SecretValue: TypeAlias = "str | dict[str, Json]"
"""A text, or an object such as a user with a password."""

MAX_VALUE: Final = 32_768
"""Characters of the JSON; private keys and service accounts fit many times."""
SHORTEST_HIDDEN: Final = 4
"""A shorter value stands everywhere by chance, so it cannot be taken out of logs."""
_NAME: Final = re.compile(r"[^\s/\\?#%\x00-\x1f\x7f]{1,200}")


def check_secret_name(name: str) -> str:
    """The name, or BadInput where no URL and no command could say it."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            "name: must be 1 to 200 characters without white space, slash, backslash, `?`, `#` or `%`", field="name"
        )
    return name


def check_secret_value(value: object) -> SecretValue:
    """A text that is not empty, or an object that is not; BadInput never repeats it."""
    if not isinstance(value, str | dict) or not value:
        raise BadInput("value: must be a text or an object, and not empty", field="value")
    if any(storable(text) != text for text in texts_of(value)):
        raise BadInput("value: holds a null byte or half a character, which no database stores", field="value")
    return value


def too_short_to_hide(name: str, value: SecretValue) -> str | None:
    """A sentence for its owner, where a text of it is too short to be taken out of what functions repeat."""
    if all(len(text) >= SHORTEST_HIDDEN for text in texts_of(value) if text):
        return None
    return (
        f"the secret {name!r} has a text of fewer than {SHORTEST_HIDDEN} characters, "
        "which cannot be hidden where functions repeat it"
    )


def texts_of(value: SecretValue) -> list[str]:
    """Every text of a secret: itself, or each one inside its object."""
    found: list[str] = []
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return found
