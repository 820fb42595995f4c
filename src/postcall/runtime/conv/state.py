"""`conv.state`: what the functions of a conversation remember."""

from __future__ import annotations

from typing import Any


class State(dict[str, Any]):
    """A dictionary whose keys are attributes too: an attribute that is not set is None, an item that is not raises.

    Names with two underscores at both ends are Python's own and are never answered with None, or copying and
    pickling would take the None for a method.
    """

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__") and key.endswith("__"):
            raise AttributeError(key)
        return self.get(key)

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        try:
            del self[key]
        except KeyError:
            raise AttributeError(key) from None

    def __deepcopy__(self, memo: dict[int, Any]) -> State:
        from copy import deepcopy

        copied = State()
        memo[id(self)] = copied
        for key, value in self.items():
            copied[deepcopy(key, memo)] = deepcopy(value, memo)
        return copied

    def __copy__(self) -> State:
        return State(self)

    def __reduce__(self) -> tuple[type[State], tuple[()], None, None, Any]:
        # Items last, so that a state that holds itself can be read again.
        return State, (), None, None, iter(self.items())
