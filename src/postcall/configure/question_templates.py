"""The templates: all of them, and those of a group or with a word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from postcall.configure.templates import clinics, collections, general, quality, sales, support
from postcall.configure.templates.shapes import Group, Template
from postcall.domain.folding import words
from postcall.domain.questions import DispositionMetric
from postcall.errors import BadInput, NotFound

__all__ = ["TEMPLATES", "Group", "Template", "find_template", "find_templates", "named_apart", "read_group"]

TEMPLATES: tuple[Template, ...] = (
    *general.TEMPLATES,
    *sales.TEMPLATES,
    *support.TEMPLATES,
    *clinics.TEMPLATES,
    *collections.TEMPLATES,
    *quality.TEMPLATES,
)


def find_templates(*, group: Group | None = None, text: str = "") -> tuple[Template, ...]:
    """Those of the group in which every word of the text stands, or begins a word."""
    wanted = words(text)
    return tuple(
        template
        for template in TEMPLATES
        if (group is None or template.group is group) and _has_all(wanted, _words_of(template))
    )


def find_template(template_id: str) -> Template:
    """The template of this id, or NotFound."""
    found = next((template for template in TEMPLATES if template.id == template_id), None)
    if found is None:
        raise NotFound(f"there is no template {template_id!r}")
    return found


def read_group(text: str) -> Group | None:
    """The group of this name; None where none is named."""
    if not text.strip():
        return None
    try:
        return Group(text.strip().casefold())
    except ValueError:
        raise BadInput(f"group: {text!r} is none of {', '.join(Group)}", field="group") from None


def named_apart(questions: Sequence[DispositionMetric], taken: Collection[str]) -> tuple[DispositionMetric, ...]:
    """The questions, each whose identifier is taken with a number behind it: `caller_name_2`."""
    used = set(taken)
    apart: list[DispositionMetric] = []
    for question in questions:
        name, number = question.identifier, 2
        while name in used:
            name, number = f"{question.identifier}_{number}", number + 1
        used.add(name)
        apart.append(replace(question, identifier=name))
    return tuple(apart)


def _has_all(wanted: Sequence[str], there: Collection[str]) -> bool:
    return all(any(word.startswith(part) for word in there) for part in wanted)


def _words_of(template: Template) -> set[str]:
    texts = [template.group, template.title, template.use]
    texts += [part for question in template.questions for part in (question.identifier, question.prompt, question.type)]
    return {word for text in texts for word in words(text)}
