"""Texts of a project with their variables and references filled in, and the functions that they thereby name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.model import FunctionSpec, Project
from postcall.runtime.texts.tags import keep_matching

DEEPEST = 12
"""Values that stand within values: so many levels. Projects need two or three; a circle would never end."""
MOST_CHARACTERS = 200_000
"""All inserted values together: a few variables that name each other twice over would otherwise fill the memory."""

_DOLLAR = r"\$\{(?P<braced>[^\W\d]\w*)\}|\$(?P<bare>[^\W\d]\w*)"
_REFERENCE = r"\{\{\s*(?:(?P<kind>[A-Za-z_]+)\s*:\s*)?(?P<name>(?:\$\{\w+\}|[^{}\n]){1,200}?)\s*\}\}"
_VARIABLE = re.compile(_DOLLAR)
_NAMED = re.compile(f"{_DOLLAR}|{_REFERENCE}")
_TOOLS = frozenset({FunctionKind.GLOBAL, FunctionKind.TRANSITION})
_SHORT_KINDS = {"sms": "twilio_sms", "va": "attr"}
"""How the platform's own editor writes some kinds."""


@dataclass(frozen=True)
class Values:
    """What a conversation holds at this moment, as texts show it."""

    state_texts: Mapping[str, str]
    """`conv.state` by name; what is None or unset is left out."""
    variant: Mapping[str, object]
    """Attributes of the active variant."""
    entities: Mapping[str, str]
    """Values of the valid entities by name."""
    translations: Mapping[str, Mapping[str, str]]
    """By name, then by language."""
    language: str
    default_language: str
    channel: str
    """As projects know channels: `sip.polyai`, `webchat.polyai` …"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as a model or a listener gets it."""

    text: str
    functions: tuple[FunctionSpec, ...] = ()
    """Those it names that exist and may be offered, in the order of their first mention, each once."""


def render(text: str, values: Values, project: Project, *, flow: str | None) -> Rendered:
    """The text with its tagged parts chosen and everything in it resolved.

    Values of the state are texts with references of their own, which are resolved again. An unknown `$name` stays,
    since it may be a price; an unknown reference becomes its plain name. What the user said (an entity) is never read
    for references. `flow` is the flow whose functions `{{ft:…}}` means.
    """
    if not text:
        return Rendered(text)
    chosen = keep_matching(text, channel=values.channel, language=values.language)
    resolver = _Resolver(values, project, flow)
    resolved = resolver.resolve(chosen, frozenset())
    return Rendered(resolved, tuple(resolver.functions))


def is_tool(spec: FunctionSpec) -> bool:
    """Whether a model may be offered this function."""
    return spec.offered and spec.kind in _TOOLS


def translation(name: str, values: Values) -> str | None:
    """The text of this name in the conversation's language, else in the default one; None where it is in neither."""
    texts = values.translations.get(name)
    if texts is None:
        return None
    for language in (values.language, values.default_language):
        if language in texts:
            return texts[language]
        for code, text in texts.items():
            if code.partition("-")[0].lower() == language.partition("-")[0].lower():
                return text
    return None


class _Resolver:
    """Resolves one text, and remembers the functions and how much was inserted."""

    def __init__(self, values: Values, project: Project, flow: str | None) -> None:
        self._values = values
        self._project = project
        self._flow = flow
        self._left = MOST_CHARACTERS
        self.functions: list[FunctionSpec] = []

    def resolve(self, text: str, within: frozenset[str]) -> str:
        """`within` names the values that this text is a part of: none of them is inserted again."""
        if "$" not in text and "{{" not in text:
            return text
        return _NAMED.sub(lambda found: self._named(found, within), text)

    def _named(self, found: re.Match[str], within: frozenset[str]) -> str:
        return self._dollar(found, within) if found["name"] is None else self._reference(found, within)

    def _dollar(self, found: re.Match[str], within: frozenset[str]) -> str:
        name = found["braced"] or found["bare"]
        attribute = name.removeprefix("variant_")
        if attribute != name and attribute in self._values.variant:
            inserted = self._attribute(attribute, within)
        else:
            inserted = self._state(name, within)
        return found.group() if inserted is None else inserted

    def _reference(self, found: re.Match[str], within: frozenset[str]) -> str:
        kind = _SHORT_KINDS.get(found["kind"] or "", found["kind"])
        name = _VARIABLE.sub(lambda variable: self._dollar(variable, within), found["name"])
        match kind:
            case "fn" | "ft":
                self._mention(name, self._flow if kind == "ft" else None)
                return name
            case "vrbl":
                return self._state(name, within) or ""
            case "attr":
                inserted = self._attribute(name, within)
                return name if inserted is None else inserted
            case "entity":
                said = self._values.entities.get(name)
                if said is None:
                    return "" if name in self._project.entities else name
                return said
            case "tn":
                text = translation(name, self._values)
                return name if text is None else self._insert(f"tn:{name}", text, within) or ""
            case _:
                return name

    def _state(self, name: str, within: frozenset[str]) -> str | None:
        text = self._values.state_texts.get(name)
        if text is not None and text == self._values.entities.get(name):
            return text  # the user's own words: what they name is not looked up
        return None if text is None else self._insert(f"vrbl:{name}", text, within)

    def _attribute(self, name: str, within: frozenset[str]) -> str | None:
        value = self._values.variant.get(name)
        if value is None:
            known = any(name in attributes for attributes in self._project.variants.values())
            return "" if known or name in self._values.variant else None
        return self._insert(f"attr:{name}", str(value), within)

    def _insert(self, key: str, text: str, within: frozenset[str]) -> str | None:
        """The value, resolved in its turn; None where it stands within itself, or too much was inserted already."""
        self._left -= len(text)
        if key in within or len(within) >= DEEPEST or self._left < 0:
            return None
        return self.resolve(text, within | {key})

    def _mention(self, name: str, flow: str | None) -> None:
        spec = self._project.function(name, flow)
        if spec is not None and is_tool(spec) and spec not in self.functions:
            self.functions.append(spec)
