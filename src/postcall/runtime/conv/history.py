"""`conv.history`: what was said, in order."""

from __future__ import annotations

from collections.abc import Iterable

from postcall.runtime.protocol import Spoken


class _Said:
    """Something said by one side."""

    _role = ""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def text(self) -> str:
        return self._text

    @property
    def role(self) -> str:
        return self._role

    def to_dict(self) -> dict[str, str]:
        return {"role": self.role, "text": self.text}

    def to_string(self) -> str:
        return f"{self.role}: {self.text}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, _Said) and other.text == self.text

    def __hash__(self) -> int:
        return hash((self._role, self._text))


class UserInput(_Said):
    """What the user said; `""` when the user was silent."""

    _role = "user"

    def __init__(self, text: str) -> None:
        super().__init__(text)


class AgentResponse(_Said):
    """What the agent said."""

    _role = "agent"

    def __init__(self, text: str) -> None:
        super().__init__(text)


def history_of(spoken: Iterable[Spoken]) -> list[UserInput | AgentResponse]:
    """The entries as functions see them."""
    return [UserInput(one.text) if one.role == "user" else AgentResponse(one.text) for one in spoken]
