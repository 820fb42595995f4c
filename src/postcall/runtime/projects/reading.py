"""A project from its files: what can be used of it, and every problem that was met."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from postcall.runtime.projects.checking import check_parts
from postcall.runtime.projects.fields import Files
from postcall.runtime.projects.folder import keep_counting
from postcall.runtime.projects.model import Problem, Project
from postcall.runtime.projects.parts import Parts, read_parts
from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.requirements import FindModules, find_installed


def read_project(files: Mapping[str, bytes], *, find_modules: FindModules = find_installed) -> Project:
    """The project in these files, which are named by their paths within its folder.

    Raises BadInput (NotAProject) where there is no readable project.yaml with a project_id, or more than the bounds
    allow. Whatever else is wrong is in `problems` and costs nothing but itself. No code is run; `find_modules` tells
    which packages are installed.
    """
    problems = Problems()
    kept = Files(keep_counting(files), problems)
    parts = read_parts(kept, find_modules)
    check_parts(parts, kept)
    return _assemble(parts, problems.all())


def _assemble(parts: Parts, problems: tuple[Problem, ...]) -> Project:
    identity = parts.identity
    return Project(
        project_id=identity.project_id,
        account_id=identity.account_id,
        name=identity.name,
        region=identity.region,
        personality=parts.character.personality,
        role=parts.character.role,
        rules=parts.rules.text.strip(),
        default_language=parts.default_language,
        additional_languages=parts.additional_languages,
        voice=parts.voice.config,
        chat=parts.chat.config,
        topics=parts.topics.topics,
        functions={name: each.spec for name, each in parts.functions.items()},
        flows={name: each.flow for name, each in parts.flows.items()},
        entities=parts.entities,
        handoffs=parts.handoffs,
        sms_templates=parts.templates.templates,
        variants=parts.variants.attributes,
        default_variant=parts.variants.default,
        translations=parts.translations,
        api_integrations=parts.api_integrations,
        phrase_filters=tuple(each for each, _ in parts.filters),
        corrections=parts.corrections,
        experimental=parts.experimental,
        real_time_configs=parts.real_time_configs,
        sources=MappingProxyType({file: source.text for file, source in parts.sources.items() if source.text}),
        requirements=parts.importable.requirements,
        problems=problems,
    )
