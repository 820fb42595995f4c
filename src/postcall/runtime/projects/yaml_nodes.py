"""YAML as a tree that knows its lines, read so that no file can make it hang.

Scalars are read by YAML 1.2, as the platform does it: `yes` and `on` are texts, and so are dates. A tree is built from
the parser's events rather than by the library's composer, whose recursion deep nesting would exhaust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from postcall.domain.calls import Json

DEEPEST = 40
"""Real files need six levels."""
LARGEST = 200_000
"""Nodes with aliases written out: a few lines of aliases of aliases can mean billions."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,300}")
_BASED = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class UnreadableYaml(Exception):
    """Why a file is no YAML that we take."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(slots=True)
class Node:
    """A value in a file."""

    line: int
    """From 1."""
    value: Json
    """All of it, as JSON has it."""
    text: str | None = None
    """A scalar as it is written: `+15550001234` is not the number 15550001234."""
    items: list[Node] | None = None
    """Of a list."""
    fields: dict[str, Node] | None = None
    """Of a mapping."""
    size: int = 1
    end: int = 0
    """The last line of a scalar, so that words in it can be found again."""
    repeated: list[tuple[int, str]] = field(default_factory=list)
    """Keys of a mapping that stand in it twice, with the line of the second; the first counts."""


def read_yaml(content: str) -> Node:
    """The first document of a file, or UnreadableYaml; an empty file is null."""
    try:
        events = yaml.parse(content, Loader=_LOADER)
        root = _Builder().build(events)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableYaml(
            f"not YAML: {_first_line(error.problem or error.context)}", mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise UnreadableYaml(f"not YAML: {_first_line(str(error))}", None) from None
    return root or Node(1, None, "")


class _Builder:
    """Turns the parser's events into a tree, without recursion."""

    def __init__(self) -> None:
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        """For each open mapping, the key that waits for its value."""
        self._anchors: dict[str, Node] = {}
        self._names: list[str | None] = []
        self._root: Node | None = None

    def build(self, events: Iterator[yaml.Event]) -> Node | None:
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._put(_scalar(event), event.anchor)
                case yaml.AliasEvent():
                    self._put(self._alias(event), None)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
                case yaml.DocumentEndEvent():
                    break
        return self._root

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        line = _line(event)
        if len(self._open) >= DEEPEST:
            raise UnreadableYaml(f"nested more than {DEEPEST} deep", line)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        node = Node(line, {}, fields={}) if is_mapping else Node(line, [], items=[])
        self._open.append(node)
        self._keys.append(None)
        self._names.append(event.anchor)

    def _end(self) -> None:
        node = self._open.pop()
        self._keys.pop()
        self._put(node, self._names.pop())

    def _alias(self, event: yaml.AliasEvent) -> Node:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            raise UnreadableYaml(f"*{event.anchor} names nothing before it", _line(event))
        return known

    def _put(self, node: Node, anchor: str | None) -> None:
        if node.size > LARGEST:
            raise UnreadableYaml(f"more than {LARGEST:,} values", node.line)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += node.size
        if parent.items is not None:
            parent.items.append(node)
            parent.value.append(node.value)  # type: ignore[union-attr]
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            self._set(parent, self._keys[-1], node)
            self._keys[-1] = None

    def _set(self, parent: Node, key: Node, node: Node) -> None:
        assert parent.fields is not None
        assert isinstance(parent.value, dict)
        if key.text is None:
            raise UnreadableYaml("a key that is no text", key.line)
        if key.text == "<<" and node.fields is not None:
            for name, value in node.fields.items():
                parent.fields.setdefault(name, value)
                parent.value.setdefault(name, value.value)
        elif key.text in parent.fields:
            parent.repeated.append((key.line, key.text))
        else:
            parent.fields[key.text] = node
            parent.value[key.text] = node.value


def _scalar(event: yaml.ScalarEvent) -> Node:
    text = event.value
    plain = not event.style and event.implicit[0]
    last = event.end_mark.line + 1 if event.end_mark else 0
    return Node(_line(event), _resolve(text) if plain else text, text, end=max(_line(event), last))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _resolve(text: str) -> Json:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if len(text) < 100 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if number - number == 0 else text  # 1e999 is no number that JSON has
    return text


def _first_line(text: str | None) -> str:
    return (text or "something is wrong").splitlines()[0]
