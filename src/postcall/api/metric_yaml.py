"""Definitions of real-time metrics as YAML: a name a key, and below it its type, definition and expected values.

Names and values are taken as they are written: `NO` is a name and no boolean, `yes` in a list of values is that word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import yaml

from postcall.api.metric_format import read_type
from postcall.domain.folding import storable
from postcall.domain.metrics import MetricDefinition, MetricType, check_metric
from postcall.errors import BadInput, BodyTooLarge
from postcall.storage.metric_definitions import NewMetric

MAX_BYTES: Final = 1_000_000
MAX_METRICS: Final = 2_000
_MAX_DEPTH: Final = 4
"""Document, metric, list, value: nothing that is meant lies deeper, and what reads it is recursive."""
_ODD_ENDS: Final = frozenset("\r\x85\u2028\u2029\ufeff")
_FIELDS: Final = ("type", "definition", "description", "expected_values", "active", "api")


@dataclass(frozen=True, slots=True)
class Misread:
    """An entry that cannot be taken, and why."""

    name: str
    line: int
    """From 1."""
    problem: str


@dataclass(frozen=True, slots=True)
class MetricFile:
    """What a file of definitions says."""

    metrics: tuple[NewMetric, ...]
    problems: tuple[Misread, ...]


def read_metric_yaml(content: bytes) -> MetricFile:
    """The definitions of a file.

    An entry that is wrong is a problem of its own. BadInput with the line where the file as a whole cannot be trusted:
    it is no YAML, a name stands twice, or it refers to other parts of itself.
    """
    if len(content) > MAX_BYTES:
        raise BodyTooLarge(f"the file has {len(content):,} bytes; the limit is {MAX_BYTES:,}", field="body")
    try:
        text = content.decode("utf-8-sig")
        _check_shape(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise BadInput("the file is not UTF-8", field="body") from None
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{_where(error.problem_mark)}{error.problem or 'this is no YAML'}", field="body") from None
    except yaml.YAMLError as error:
        raise BadInput(f"this is no YAML: {error}", field="body") from None
    if root is None or _is_null(root):
        return MetricFile((), ())
    if not isinstance(root, yaml.MappingNode):
        raise BadInput("line 1: the file must hold names with their definitions, as in NAME: {type: boolean}")
    if len(root.value) > MAX_METRICS:
        raise BadInput(f"the file defines more than {MAX_METRICS:,} metrics", field="body")
    return _read_entries(list(_pairs(root)))


def write_metric_yaml(
    metrics: list[MetricDefinition], *, types: Mapping[MetricType, str] | None = None, definition: str = "definition"
) -> str:
    """The inverse, with every metric in the order given.

    `types` and `definition`: what types and a definition are called, where that differs; they are read all the same.
    """
    content = {
        metric.name: {
            "type": types[metric.type] if types is not None else metric.type.value,
            definition: metric.definition,
            **({"expected_values": list(metric.expected_values)} if metric.expected_values else {}),
            "active": metric.active,
            "api": metric.in_api,
        }
        for metric in metrics
    }
    dumped: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return dumped if content else ""


class _Dumper(yaml.SafeDumper):
    """Quotes texts with odd ends of lines so that they are escaped: PyYAML would write them bare and read a space."""


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _ODD_ENDS.intersection(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _check_shape(text: str) -> None:
    """Refuse, without building anything, what would grow when it is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise BadInput(f"{_where(event.start_mark)}aliases such as *{event.anchor} are not taken", field="body")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise BadInput(f"{_where(event.start_mark)}nested too deeply", field="body")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _pairs(mapping: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Each key as it is written, its node and its value; BadInput where a key stands twice."""
    seen: dict[str, int] = {}
    for key, value in mapping.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BadInput(f"{_where(key.start_mark)}a name must be text", field="body")
        name = storable(key.value)
        if name in seen:
            first, again = seen[name], _line(key)
            raise BadInput(f"line {again}: {name!r} stands twice; it is on line {first} already", field="body")
        seen[name] = _line(key)
        yield name, key, value


def _read_entries(entries: list[tuple[str, yaml.Node, yaml.Node]]) -> MetricFile:
    metrics: list[NewMetric] = []
    problems: list[Misread] = []
    for name, key, value in entries:
        if not isinstance(value, yaml.MappingNode):
            problems.append(Misread(name, _line(key), "must have fields below it, at least a type"))
            continue
        fields = list(_pairs(value))  # a field that stands twice spoils the file, as a name does
        try:
            metrics.append(_read_metric(name, fields))
        except BadInput as error:
            at = next((field for said, field, _ in fields if error.field and error.field.startswith(said)), key)
            problems.append(Misread(name, _line(at), error.message))
    return MetricFile(tuple(metrics), tuple(problems))


def _read_metric(name: str, fields: list[tuple[str, yaml.Node, yaml.Node]]) -> NewMetric:
    given = {field: value for field, _, value in fields}
    unknown = next((field for field in given if field not in _FIELDS), None)
    if unknown is not None:
        raise BadInput(f"{unknown}: unknown field; there are {', '.join(_FIELDS)}", field=unknown)
    if "definition" in given and "description" in given:
        raise BadInput("definition: definition and description are one field", field="definition")
    if "type" not in given:
        raise BadInput("type: required field is missing", field="type")
    type_ = read_type(_text(given["type"], "type"))
    said = "definition" if "definition" in given else "description"
    definition = _text(given[said], said) if said in given and not _is_null(given[said]) else ""
    values = _values(given["expected_values"]) if "expected_values" in given else ()
    check_metric(name, type_, values, definition)
    return NewMetric(
        name=name,
        type=MetricType(type_),
        expected_values=values,
        definition=definition,
        active=_flag(given, "active"),
        in_api=_flag(given, "api"),
    )


def _text(node: yaml.Node, field: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or _is_null(node):
        raise BadInput(f"{field}: must be text", field=field)
    return storable(node.value)


def _values(node: yaml.Node) -> tuple[str, ...]:
    if _is_null(node):
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise BadInput("expected_values: must be a list", field="expected_values")
    return tuple(_text(each, "expected_values") for each in node.value)


def _flag(given: dict[str, yaml.Node], field: str) -> bool:
    if field not in given:
        return True
    node = given[field]
    said: Any = node.value if isinstance(node, yaml.ScalarNode) else None
    if node.tag != "tag:yaml.org,2002:bool" or not isinstance(said, str):
        raise BadInput(f"{field}: must be true or false", field=field)
    return said.lower() in {"true", "yes", "on"}


def _is_null(node: yaml.Node) -> TypeGuard[yaml.ScalarNode]:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _where(mark: Any) -> str:
    return "" if mark is None else f"line {mark.line + 1}: "
