"""Which names code gives to `conv.state`: nothing else declares a variable."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from postcall.runtime.projects.source import Source

BUILT_IN = frozenset(
    {
        "from_",
        "to",
        "call_sid",
        "asr_lang_code",
        "tts_lang_code",
        "shared_id",
        "handoff",
        "disable_recordings",
        "stop_recording",
        "use_tts_for_responses",
        "asr_provider",
        "asr_config",
        "listen_for_sms",
    }
)
"""Those that the platform sets."""


def variables_of(sources: Iterable[Source]) -> frozenset[str] | None:
    """Every variable that some code may set; None where names are made up at run time, so that any may be set."""
    found: set[str] = set(BUILT_IN)
    for source in sources:
        for node in ast.walk(source.tree) if source.tree is not None else ():
            match node:
                case ast.Attribute(value=owner, attr=name) if _is_state(owner):
                    found.add(name)
                case ast.Subscript(value=owner, slice=ast.Constant(value=str() as name)) if _is_state(owner):
                    found.add(name)
                case ast.Subscript(value=owner, ctx=ast.Store()) if _is_state(owner):
                    return None
                case ast.Assign(targets=[ast.Name(id=other)], value=owner) if _is_state(owner) and other != "state":
                    return None  # it goes on under another name, which is not followed
                case ast.Call(func=ast.Name(id="setattr"), args=[owner, key, *_]) if _is_state(owner):
                    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                        return None
                    found.add(key.value)
                case ast.Call(func=ast.Attribute(value=owner, attr="update")) if _is_state(owner):
                    names = _updated(node)
                    if names is None:
                        return None
                    found |= names
                case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, *_]) if _is_state(owner):
                    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                        return None
                    found.add(key.value)
    return frozenset(found)


def _is_state(node: ast.expr) -> bool:
    """`conv.state`, or a variable that holds it."""
    match node:
        case ast.Attribute(attr="state") | ast.Name(id="state"):
            return True
    return False


def _updated(call: ast.Call) -> set[str] | None:
    """The names that `state.update(…)` sets; None where they cannot be told."""
    found: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        found.add(keyword.arg)
    for given in call.args:
        if not isinstance(given, ast.Dict):
            return None
        for key in given.keys:
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                return None
            found.add(key.value)
    return found
