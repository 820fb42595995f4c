"""All that stands in a project's files, each part by itself, before the parts are held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from postcall.domain.calls import Json
from postcall.runtime.projects.channels import ReadChannel, read_channel, read_corrections, read_phrase_filters
from postcall.runtime.projects.config_files import (
    ReadTemplates,
    Variants,
    read_api_integrations,
    read_entities,
    read_handoffs,
    read_sms_templates,
    read_translations,
    read_variants,
)
from postcall.runtime.projects.fields import Files, Text
from postcall.runtime.projects.flows import ReadFlow, read_flows
from postcall.runtime.projects.functions import ReadFunction, kind_of_global, read_function
from postcall.runtime.projects.model import (
    ApiIntegration,
    Correction,
    Entity,
    HandoffTarget,
    PhraseFilter,
    RealTimeConfig,
)
from postcall.runtime.projects.requirements import FindModules, Importable, read_requirements
from postcall.runtime.projects.settings import (
    RULES,
    Character,
    Identity,
    read_character,
    read_experimental,
    read_identity,
    read_languages,
    read_real_time_configs,
)
from postcall.runtime.projects.source import Source, read_source
from postcall.runtime.projects.topics import ReadTopics, read_topics

GLOBALS = "functions"


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read."""

    identity: Identity
    character: Character
    rules: Text
    default_language: str
    additional_languages: tuple[str, ...]
    voice: ReadChannel
    chat: ReadChannel
    topics: ReadTopics
    sources: Mapping[str, Source]
    """By path."""
    functions: dict[str, ReadFunction]
    flows: dict[str, ReadFlow]
    entities: dict[str, Entity]
    handoffs: dict[str, HandoffTarget]
    templates: ReadTemplates
    variants: Variants
    translations: dict[str, dict[str, str]]
    api_integrations: dict[str, ApiIntegration]
    filters: tuple[tuple[PhraseFilter, int], ...]
    """Each with the line that names its function."""
    corrections: tuple[Correction, ...]
    experimental: dict[str, Json]
    real_time_configs: dict[str, RealTimeConfig]
    importable: Importable


def read_parts(files: Files, find_modules: FindModules) -> Parts:
    """Everything in these files; NotAProject where they do not say which project they are."""
    identity = read_identity(files)
    sources = {file: read_source(files, file) for file in files if file.endswith(".py")}
    default_language, additional_languages = read_languages(files)
    variants = read_variants(files)
    entities = read_entities(files)
    return Parts(
        identity=identity,
        character=read_character(files),
        rules=files.located(RULES),
        default_language=default_language,
        additional_languages=additional_languages,
        voice=read_channel(files, "voice"),
        chat=read_channel(files, "chat"),
        topics=read_topics(files, variants.attributes),
        sources=sources,
        functions=_read_globals(files, sources),
        flows=read_flows(files, sources, entities),
        entities=entities,
        handoffs=read_handoffs(files),
        templates=read_sms_templates(files),
        variants=variants,
        translations=read_translations(files),
        api_integrations=read_api_integrations(files),
        filters=read_phrase_filters(files),
        corrections=read_corrections(files),
        experimental=read_experimental(files),
        real_time_configs=read_real_time_configs(files),
        importable=read_requirements(files, find_modules),
    )


def _read_globals(files: Files, sources: Mapping[str, Source]) -> dict[str, ReadFunction]:
    found = {}
    for file in files.matching(GLOBALS, ".py"):
        source = sources[file]
        if source.stem != "__init__":
            found[source.stem] = read_function(source, kind_of_global(source.stem), None, files.problems)
    return found
