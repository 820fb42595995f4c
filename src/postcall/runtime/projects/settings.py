"""What a project is called, who the agent is and which languages it speaks: project.yaml and `agent_settings/`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from postcall.domain.calls import Json
from postcall.domain.real_time_configs import check_real_time_config
from postcall.errors import BadInput, NotAProject
from postcall.runtime.projects.fields import Fields, Files, Text
from postcall.runtime.projects.model import RealTimeConfig
from postcall.runtime.projects.yaml_nodes import UnreadableYaml, read_yaml

DEFAULT_LANGUAGE = "en-US"
RULES = "agent_settings/rules.txt"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_NAME = 200
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s_]+")
_FREE = "other"
"""The adjective or role that says: see the free text."""
_ENVIRONMENTS = {"draft_and_sandbox": "sandbox", "pre_release": "pre-release", "live": "live"}
"""The folders of `real_time_configuration/`."""
_DEEPEST_JSON = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """project.yaml."""

    project_id: str
    account_id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Character:
    """Who the agent is, for the prompt; `texts` are the places in which references may stand."""

    personality: str = ""
    role: str = ""
    texts: tuple[Text, ...] = ()


def read_identity(files: Files) -> Identity:
    """Which project this is; NotAProject, which says what is missing, where that cannot be told."""
    if "project.yaml" not in files:
        raise NotAProject("there is no project.yaml, which says the project_id", field="project.yaml")
    text = files.text("project.yaml")
    if text is None:
        raise NotAProject("project.yaml is not UTF-8", field="project.yaml")
    try:
        node = read_yaml(text)
    except UnreadableYaml as error:
        where = f"project.yaml, line {error.line}" if error.line else "project.yaml"
        raise NotAProject(f"{where}: {error.message}", field="project.yaml") from None
    if node.fields is None:
        raise NotAProject("project.yaml is not a mapping with a project_id", field="project.yaml")
    fields = Fields("project.yaml", node, files.problems)
    project_id = fields.text("project_id").strip()
    if not project_id:
        raise NotAProject("project.yaml has no project_id", field="project.yaml")
    return Identity(
        project_id=project_id,
        account_id=fields.text("account_id").strip(),
        name=_UNPRINTED.sub(" ", fields.text("project_name")).strip()[:_LONGEST_NAME] or project_id,
        region=fields.text("region").strip(),
    )


def read_character(files: Files) -> Character:
    """Personality and role, or the persona.txt that newer projects have in place of both."""
    persona = files.located("agent_settings/persona.txt")
    if persona.text.strip():
        return Character(personality=persona.text.strip(), texts=(persona,))
    texts: list[Text] = []
    personality = role = ""
    if fields := files.mapping("agent_settings/personality.yaml"):
        personality = _say_personality(fields)
        texts.append(fields.located("custom"))
    if fields := files.mapping("agent_settings/role.yaml"):
        role = _say_role(fields)
        texts += [fields.located("custom"), fields.located("additional_info")]
    return Character(personality, role, tuple(texts))


def read_languages(files: Files) -> tuple[str, tuple[str, ...]]:
    """The default language and the others."""
    fields = files.mapping("agent_settings/languages.yaml")
    if fields is None:
        return DEFAULT_LANGUAGE, ()
    default = fields.text("default_language").strip() or DEFAULT_LANGUAGE
    others = fields.texts("additional_languages")
    for code in (default, *others):
        if not _LANGUAGE.fullmatch(code):
            fields.complain(f"{code!r} is no code of a language, such as en-US", "additional_languages")
    if not _LANGUAGE.fullmatch(default):
        default = DEFAULT_LANGUAGE
    known = dict.fromkeys(code for code in others if _LANGUAGE.fullmatch(code) and code != default)
    return default, tuple(known)


def read_experimental(files: Files) -> dict[str, Json]:
    """experimental_config.json as it is."""
    return _read_json(files, "agent_settings/experimental_config.json") or {}


def read_real_time_configs(files: Files) -> dict[str, RealTimeConfig]:
    """By environment; one without data is none."""
    found = {}
    for folder, environment in _ENVIRONMENTS.items():
        base = f"real_time_configuration/{folder}"
        data = _read_json(files, f"{base}/data.json")
        schema = _read_json(files, f"{base}/schema.json")
        if data is None and schema is None:
            continue
        try:
            check_real_time_config(schema or {}, data or {})
        except BadInput as error:
            files.problems.add(f"{base}/data.json", None, error.message)
        else:
            found[environment] = RealTimeConfig(schema=schema or {}, data=data or {})
    return found


def _say_personality(fields: Fields) -> str:
    adjectives: list[str] = []
    if chosen := fields.inner("adjectives"):
        adjectives = [name for name in chosen.names() if chosen.flag(name)]
    free = any(name.lower() == _FREE for name in adjectives)
    words = [] if free else [name.lower() for name in adjectives]
    said = f"You are {_enumerate(words)}." if words else ""
    return "\n".join(part for part in (said, fields.text("custom").strip()) if part)


def _say_role(fields: Fields) -> str:
    value, custom = fields.text("value").strip(), fields.text("custom").strip()
    named = "" if value.lower() == _FREE else " ".join(_WORD.findall(value)).lower()
    said = f"Your role: {named}." if named else ""
    # The platform takes the free text for `other` alone; what is written besides is not thrown away.
    return "\n".join(part for part in (said, custom, fields.text("additional_info").strip()) if part)


def _enumerate(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _read_json(files: Files, file: str) -> dict[str, Json] | None:
    text = files.text(file)
    if text is None or not text.strip():
        return None
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(
            value, ensure_ascii=False, allow_nan=False
        ).encode()  # half a surrogate pair, a number past all bounds
    except json.JSONDecodeError as error:
        files.problems.add(file, error.lineno, f"not JSON: {error.msg}")
        return None
    except (ValueError, RecursionError) as error:
        files.problems.add(file, None, f"not JSON that is taken: {error}")
        return None
    if not isinstance(value, dict):
        files.problems.add(file, 1, "not an object")
        return None
    if _is_too_deep(value):
        files.problems.add(file, None, f"nested more than {_DEEPEST_JSON} deep")
        return None
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _is_too_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(_DEEPEST_JSON):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True
