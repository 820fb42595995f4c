"""A project made from a prompt and a greeting, for agents that are nothing else.

The words of both reach the model and the listener as they were written: whatever in them would mean something to a
project (`$name`, `{{fn:name}}`, `<channel:voice>`) is inserted as a text that is looked at no further. Only `{{name}}`
is filled in, from `conv.state`; nothing stands for a variable that the call does not have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

import yaml

from postcall.domain.agents import PromptTool, ToolKind
from postcall.domain.folding import storable

PROJECT_ID = "prompt"

_BEGIN = "from _gen import *  # <AUTO GENERATED>\n\n\n"
_OFFER = "What you can do besides speaking, when your instructions call for it:"
_DESCRIPTIONS = {
    ToolKind.END_CALL: "Ends the call.",
    ToolKind.TRANSFER_CALL: "Passes the caller on to a person.",
}
_TAKEN = {"start_function", "end_function"}
_START = f"""\
{_BEGIN}def start_function(conv: Conversation):
    given = (conv.integration_attributes or {{}}).get("variables") or {{}}
    for name, value in given.items():
        conv.state[name] = value
"""
_START_SPEAKING = f"""{_START}    conv.goto_flow("Conversation")
    return {{"utterance": "", "listen": {{"asr": {{"timeout": 0.1}}}}}}
"""
"""Enters a flow and does not listen, which is how a project lets the model begin."""
_FLOW = {"name": "Conversation", "description": "The agent speaks first.", "start_step": "Converse"}
_STEP = {"step_type": "advanced_step", "name": "Converse", "prompt": "Go on as your instructions say."}
_LITERALS = {"dollar": "$", "open": "{{", "less": "<"}
_SPECIAL = re.compile(
    r"\{\{\s*(?P<variable>[^\W\d][\w .-]{0,99}?)\s*\}\}"
    r"|(?P<open>\{\{)(?!\{)"
    r"|(?P<dollar>\$)(?=\{|[^\W\d])"
    r"|(?P<less><)(?=/?(?:channel|language)\b)",
    re.IGNORECASE,
)


def prompt_files(prompt: str, greeting: str, *, name: str, tools: Sequence[PromptTool] = ()) -> dict[str, bytes]:
    """The files of a project that speaks by this prompt, begins with this greeting and has these tools.

    Without a greeting the model makes the first remark itself.
    """
    named = _named(tools)
    offered = "".join(f"\n- {{{{fn:{function}}}}}" for function in named)
    files: dict[str, str] = {
        "project.yaml": _yaml({"project_id": PROJECT_ID, "account_id": "", "project_name": storable(name)}),
        "agent_settings/rules.txt": as_reference_text(prompt) + (f"\n\n{_OFFER}{offered}" if named else ""),
        "functions/start_function.py": _START,
        "config/translations.yaml": _yaml(
            {"translations": [{"name": key, "translations": {"en-US": text}} for key, text in _LITERALS.items()]}
        ),
    }
    if greeting.strip():
        welcome = {"welcome_message": as_reference_text(greeting), "language_code": "en-US"}
        files["voice/configuration.yaml"] = _yaml({"greeting": welcome})
    else:
        files["functions/start_function.py"] = _START_SPEAKING
        files["flows/conversation/flow_config.yaml"] = _yaml(_FLOW)
        files["flows/conversation/steps/converse.yaml"] = _yaml(_STEP)
    for function, tool in named.items():
        files[f"functions/{function}.py"] = _function(function, tool)
    if handoffs := [_handoff(name, tool) for name, tool in named.items() if tool.kind is ToolKind.TRANSFER_CALL]:
        files["config/handoffs.yaml"] = _yaml({"handoffs": handoffs})
    return {file: text.encode() for file, text in files.items()}


def _named(tools: Sequence[PromptTool]) -> dict[str, PromptTool]:
    """The tools by the names of their functions, which Python has to know as names; each once."""
    found: dict[str, PromptTool] = {}
    for tool in tools:
        name = re.sub(r"[^a-z0-9_]+", "_", tool.name.lower()).strip("_")[:60]
        if not name.isidentifier() or iskeyword(name) or name in _TAKEN:
            name = f"tool_{name}".rstrip("_")
        while name in found:
            name += "_2"
        found[name] = tool
    return found


def _function(name: str, tool: PromptTool) -> str:
    description = storable(tool.description).strip() or _DESCRIPTIONS[tool.kind]
    act = f"conv.call_handoff({name!r})" if tool.kind is ToolKind.TRANSFER_CALL else 'return {"hangup": True}'
    return f"{_BEGIN}@func_description({description!r})\ndef {name}(conv: Conversation):\n    {act}\n"


def _handoff(name: str, tool: PromptTool) -> dict[str, Any]:
    return {"name": name, "description": "", "sip_config": {"method": "refer", "phone_number": tool.number}}


def as_reference_text(text: str) -> str:
    """The text so that a project renders it as it is, but for its `{{name}}`, which are variables."""
    return _SPECIAL.sub(_reference, storable(text))


def _reference(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return f"{{{{vrbl:{found[kind]}}}}}" if kind == "variable" else f"{{{{tn:{kind}}}}}"


def _yaml(content: dict[str, Any]) -> str:
    """All in double quotes, in which there is a way to write every character."""
    return yaml.safe_dump(content, default_style='"', allow_unicode=True, sort_keys=False, width=1_000_000)
