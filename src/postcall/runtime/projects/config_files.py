"""The files of `config/`: entities, handoffs, text messages, variants, translations and other people's interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from postcall.domain.calls import Json
from postcall.runtime.projects.fields import Fields, Files, Text, words_of
from postcall.runtime.projects.model import ApiIntegration, Entity, EntityType, HandoffTarget, SmsTemplate

ENTITIES = "config/entities.yaml"
HANDOFFS = "config/handoffs.yaml"
SMS_TEMPLATES = "config/sms_templates.yaml"
TRANSLATIONS = "config/translations.yaml"
VARIANTS = "config/variant_attributes.yaml"
API_INTEGRATIONS = "config/api_integrations.yaml"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ENVIRONMENTS = {"sandbox": "sandbox", "pre-release": "pre_release", "pre_release": "pre_release", "live": "live"}


@dataclass(frozen=True, slots=True)
class Variants:
    """variant_attributes.yaml."""

    attributes: dict[str, dict[str, Json]] = field(default_factory=dict)
    """By variant, then by attribute."""
    default: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Every attribute that some variant has."""
        return frozenset(name for each in self.attributes.values() for name in each)


@dataclass(frozen=True, slots=True)
class ReadTemplates:
    """Text messages, and the texts in which references may stand."""

    templates: dict[str, SmsTemplate] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()


def read_entities(files: Files) -> dict[str, Entity]:
    """What default steps may collect; one of an unknown type is left out."""
    found: dict[str, Entity] = {}
    known = frozenset(each.value for each in EntityType)
    for name, entry in _named(files, ENTITIES, "entities"):
        kind = entry.text("entity_type").strip()
        if kind not in known:
            what = f"the unknown type {words_of(kind)}" if kind else "no entity_type"
            entry.complain(
                f"the entity {name!r} has {what}; it can be one of {', '.join(sorted(known))}", "entity_type"
            )
            continue
        config = entry.inner("config")
        found[name] = Entity(name, entry.text("description"), EntityType(kind), config.values() if config else {})
    return found


def read_handoffs(files: Files) -> dict[str, HandoffTarget]:
    """Where conversations may be passed to; of several defaults the first is it."""
    found: dict[str, HandoffTarget] = {}
    default: str | None = None
    for name, entry in _named(files, HANDOFFS, "handoffs"):
        is_default = entry.flag("is_default")
        if is_default and default is not None:
            entry.complain(f"{default!r} is the default handoff already; the first counts", "is_default")
            is_default = False
        default = name if is_default else default
        sip = entry.inner("sip_config")
        found[name] = HandoffTarget(
            name=name,
            description=entry.text("description"),
            is_default=is_default,
            sip_config={key: sip.text(key) for key in sip.names()} if sip else {},
            sip_headers=_headers(entry),
        )
    return found


def read_sms_templates(files: Files) -> ReadTemplates:
    """Text messages prepared in the project."""
    found: dict[str, SmsTemplate] = {}
    texts: list[Text] = []
    for name, entry in _named(files, SMS_TEMPLATES, "sms_templates"):
        numbers = entry.inner("env_phone_numbers")
        found[name] = SmsTemplate(
            name,
            entry.text("text"),
            {_environment(key): numbers.text(key) for key in numbers.names()} if numbers else {},
        )
        texts.append(entry.located("text"))
    return ReadTemplates(found, tuple(texts))


def read_translations(files: Files) -> dict[str, dict[str, str]]:
    """Texts by name, then by language."""
    found: dict[str, dict[str, str]] = {}
    for name, entry in _named(files, TRANSLATIONS, "translations"):
        by_language = entry.inner("translations")
        found[name] = {code: by_language.text(code) for code in by_language.names()} if by_language else {}
    return found


def read_variants(files: Files) -> Variants:
    """The variants in the order of the file, each with a value for every attribute (empty where it has none)."""
    names: dict[str, bool] = {}
    for name, entry in _named(files, VARIANTS, "variants"):
        names[name] = entry.flag("is_default")
    attributes: dict[str, dict[str, Json]] = {name: {} for name in names}
    for name, entry in _named(files, VARIANTS, "attributes"):
        values = entry.inner("values")
        given = set(values.names()) if values else set()
        for variant, of_variant in attributes.items():
            of_variant[name] = _attribute(entry, values, variant) if values and variant in given else ""
        for unknown in sorted(given - names.keys()):
            entry.complain(f"the attribute {name!r} has a value for {unknown!r}, which is no variant", "values")
    defaults = [name for name, is_default in names.items() if is_default]
    return Variants(attributes, defaults[0] if defaults else next(iter(names), None))


def read_api_integrations(files: Files) -> dict[str, ApiIntegration]:
    """Other people's HTTP interfaces; an operation that cannot be called is left out."""
    found: dict[str, ApiIntegration] = {}
    for name, entry in _named(files, API_INTEGRATIONS, "api_integrations"):
        environments: dict[str, dict[str, str]] = {}
        by_name = entry.inner("environments")
        for key in by_name.names() if by_name else ():
            inner = by_name.inner(key) if by_name else None
            if key not in _ENVIRONMENTS:
                entry.complain(
                    f"the integration {name!r} has an environment {key!r}, which there is not", "environments"
                )
            elif inner:
                environments[_environment(key)] = {each: inner.text(each) for each in ("base_url", "auth_type")}
        found[name] = ApiIntegration(name, environments, dict(_operations(entry, name)))
    return found


def _operations(entry: Fields, integration: str) -> Iterator[tuple[str, dict[str, str]]]:
    seen: set[str] = set()
    for operation in entry.entries("operations"):
        name = operation.needed("name")
        method = operation.text("method", "GET").strip().upper()
        if name is None:
            continue
        if name in seen:
            operation.complain(f"the operation {name!r} of {integration!r} is there already; the first counts", "name")
        elif method not in _METHODS:
            operation.complain(f"{words_of(method)} is no method of HTTP", "method")
        else:
            seen.add(name)
            yield name, {"method": method, "resource": operation.text("resource")}


def _named(files: Files, file: str, key: str) -> Iterator[tuple[str, Fields]]:
    """The entries of a list that have a name of their own; of two with one name the first counts."""
    fields = files.mapping(file)
    if fields is None:
        return
    seen: set[str] = set()
    for entry in fields.entries(key):
        name = entry.needed("name")
        if name is None:
            continue
        if name in seen:
            entry.complain(f"{name!r} is there already; the first counts", "name")
            continue
        seen.add(name)
        yield name, entry


def _headers(entry: Fields) -> dict[str, str]:
    return {
        key: header.text("value")
        for header in entry.entries("sip_headers")
        if (key := header.needed("key")) is not None
    }


def _attribute(entry: Fields, values: Fields, variant: str) -> Json:
    """A text as it is written, unless the attribute is of one of the newer kinds."""
    kind = entry.text("kind", "string").strip()
    return values.text(variant) if kind in {"string", "enum"} else values.value(variant)


def _environment(key: str) -> str:
    return _ENVIRONMENTS.get(key, key)
