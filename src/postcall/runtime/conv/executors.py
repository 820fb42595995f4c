"""`conv.functions` and `flow.functions`: calling another function of the project like any Python function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from postcall.runtime.conv.channel import Unavailable

if TYPE_CHECKING:
    from postcall.runtime.conv.conversation import Conversation
    from postcall.runtime.conv.flow import Flow


class FunctionExecutor(dict[str, Any]):
    """The functions of `functions/`, called without `conv`, which is put in.

    What they return is a plain value: a dictionary has an effect only when the calling function returns it. What
    they do through `conv` happens at once.
    """

    def __init__(self, conv: Conversation) -> None:
        super().__init__()
        object.__setattr__(self, "_conv", conv)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __missing__(self, name: str) -> Any:
        conv: Conversation = object.__getattribute__(self, "_conv")
        given = conv.given_functions.get(name)
        try:
            return _with(given or conv.find("global", name, None), conv)
        except Unavailable as error:
            raise KeyError(str(error)) from None


class FlowFunctionExecutor(dict[str, Any]):
    """The functions of the flow, called without `conv` and `flow`, which are put in."""

    def __init__(self, conv: Conversation, flow: Flow) -> None:
        super().__init__()
        object.__setattr__(self, "_conv", conv)
        object.__setattr__(self, "_flow", flow)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __missing__(self, name: str) -> Any:
        conv: Conversation = object.__getattribute__(self, "_conv")
        flow: Flow = object.__getattribute__(self, "_flow")
        try:
            return _with(conv.find("transition", name, flow._name), conv, flow)
        except Unavailable as error:
            raise KeyError(str(error)) from None


def _with(function: Callable[..., Any], *first: Any) -> Callable[..., Any]:
    """The function with these put in first, unless the caller has given them itself."""

    def call(*args: Any, **kwargs: Any) -> Any:
        given = 0
        while given < min(len(first), len(args)) and args[given] is first[given]:
            given += 1
        for name, value in zip(("conv", "flow"), first, strict=False):
            if kwargs.get(name) is value:
                del kwargs[name]
        return function(*first, *args[given:], **kwargs)

    call.__name__ = getattr(function, "__name__", "function")
    return call
