"""The state between two functions: pickled, so that a project may keep objects of its own classes."""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

from postcall.runtime.conv.plain import as_json_or_text, as_text
from postcall.runtime.conv.state import State


class Kept(NamedTuple):
    """A state on its way out."""

    pickled: bytes
    turned_to_text: tuple[str, ...]
    """Keys whose values cannot be pickled: from now on they are texts."""


def keep(state: dict[str, Any]) -> Kept:
    """Pickle the state. A value that cannot be pickled, or not read again, is kept as its text and named."""
    # A copy, because threads that the function left behind may still write into it.
    values = dict(state)
    whole = _pickle(values)
    if whole is not None:
        return Kept(whole, ())
    unfit = [key for key, value in values.items() if _pickle((key, value)) is None]
    whole = _pickle({key: value for key, value in values.items() if key not in unfit} | _texts(values, unfit))
    if whole is not None:
        return Kept(whole, tuple(as_text(key) for key in unfit))
    return Kept(pickle.dumps(_texts(values, list(values))), tuple(as_text(key) for key in values))


def _texts(values: dict[Any, Any], keys: list[Any]) -> dict[str, str]:
    return {as_text(key): as_text(values[key]) for key in keys}


def restore(pickled: bytes) -> State:
    """The state as `keep` left it. Raises whatever the classes in it raise."""
    return State(pickle.loads(pickled)) if pickled else State()


def show(state: dict[str, Any]) -> dict[str, Any]:
    """All of the state as JSON has it."""
    return {as_text(key): as_json_or_text(value) for key, value in list(state.items())}


def show_as_texts(state: dict[str, Any]) -> dict[str, str]:
    """Each value as prompts show it; what is None has no text."""
    return {as_text(key): as_text(value) for key, value in list(state.items()) if value is not None}


def _pickle(value: Any) -> bytes | None:
    try:
        pickled = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        # Some objects pickle and then cannot be read: better known now than at the next turn.
        pickle.loads(pickled)
    except BaseException:  # noqa: BLE001 - a project's own classes may raise anything; the key is named in the log
        return None
    return pickled
