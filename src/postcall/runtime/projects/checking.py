"""The parts of a project held against each other: whatever one names of another must be there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects import references
from postcall.runtime.projects.channels import PHRASES
from postcall.runtime.projects.fields import Files, Text
from postcall.runtime.projects.flows import FOLDER, check_flow
from postcall.runtime.projects.functions import ReadFunction
from postcall.runtime.projects.imports import check_imports_of
from postcall.runtime.projects.parts import Parts
from postcall.runtime.projects.references import Known, check_text
from postcall.runtime.projects.transitions import Targets, check_code
from postcall.runtime.projects.variables import variables_of


def check_parts(parts: Parts, files: Files) -> None:
    """Note everything that does not fit."""
    known = _known(parts)
    for texts, allowed in _places(parts):
        for text in texts:
            check_text(text, allowed, known, files)
    for name, flow in parts.flows.items():
        check_flow(flow, files.problems)
        for step, prompt in flow.prompts:
            allowed = references.DEFAULT_PROMPT if step.is_default else references.ADVANCED_PROMPT
            check_text(prompt, allowed, known, files, flow=name)
    _check_filters(parts, files)
    _check_sources(parts, files)
    check_imports_of(parts.sources, parts.importable, files.problems)


def _places(parts: Parts) -> list[tuple[Iterable[Text], frozenset[str]]]:
    """Texts with the kinds of references that they may hold."""
    return [
        ([parts.rules], references.RULES),
        (parts.character.texts, references.CHARACTER),
        ((*parts.voice.texts, *parts.chat.texts), references.GREETING),
        ([each for each in (parts.voice.style, parts.chat.style) if each], references.NOTHING),
        (parts.topics.contents, references.CONTENT),
        (parts.topics.actions, references.ACTIONS),
        (parts.templates.texts, references.MESSAGE),
    ]


def _known(parts: Parts) -> Known:
    names: dict[str, Collection[str]] = {
        "entity": parts.entities,
        "attr": parts.variants.names,
        "twilio_sms": parts.templates.templates,
        "ho": parts.handoffs,
        "tn": parts.translations,
    }
    variables = variables_of(parts.sources.values())
    if variables is not None:
        names["vrbl"] = variables | parts.entities.keys()  # what a default step collects is a variable too
    return Known(parts.functions, {name: flow.functions for name, flow in parts.flows.items()}, names)


def _check_filters(parts: Parts, files: Files) -> None:
    for phrase_filter, line in parts.filters:
        name = phrase_filter.function
        if name is not None and name not in _callable(parts.functions):
            files.problems.add(PHRASES, line, f"function: there is no global function {name!r}")


def _check_sources(parts: Parts, files: Files) -> None:
    targets = Targets(
        steps={name: flow.targets for name, flow in parts.flows.items()},
        handoffs=parts.handoffs,
        sms_templates=parts.templates.templates,
        variants=parts.variants.attributes,
        functions=_callable(parts.functions),
        flow_functions={name: _callable(flow.functions) for name, flow in parts.flows.items()},
    )
    flow_of_folder = {flow.flow.folder: name for name, flow in parts.flows.items()}
    for file, source in parts.sources.items():
        folders = file.split("/")
        flow = flow_of_folder.get(folders[1]) if folders[0] == FOLDER and len(folders) > 2 else None
        check_code(source, flow, targets, files.problems)


def _callable(functions: dict[str, ReadFunction]) -> frozenset[str]:
    """Those with a function, and those whose file cannot be read, which is a problem of its own."""
    return frozenset(
        name for name, each in functions.items() if each.spec.kind is not FunctionKind.UTILITY or each.is_unreadable
    )
