"""Reading what a mapping of a file says: wrong types become problems, and the default is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postcall.domain.calls import Json
from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.yaml_nodes import Node, UnreadableYaml, read_yaml


def words_of(text: str) -> str:
    """A text for a message: quoted, and not long."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a file, with the place where words of it can be found."""

    text: str
    file: str
    first: int
    """The line on which it begins, from 1."""
    last: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping in a file."""

    file: str
    node: Node
    problems: Problems

    def line(self, name: str | None = None) -> int:
        """Where a field stands; the mapping itself, where it does not."""
        node = self._get(name) if name else None
        return node.line if node else self.node.line

    def complain(self, message: str, name: str | None = None) -> None:
        """Note a problem at a field, or at the mapping."""
        self.problems.add(self.file, self.line(name), message)

    def has(self, name: str) -> bool:
        """Whether it is there, and not null."""
        node = self._get(name)
        return node is not None and not (node.value is None and not node.text)

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers and words such as `yes` count as they are written."""
        node = self._get(name)
        if node is None or node.value is None:
            return default
        if node.text is None:
            self._misfit(name, "a text")
            return default
        return node.text

    def located(self, name: str) -> Text:
        """A text with its place."""
        node = self._get(name)
        text = self.text(name)
        return Text(text, self.file, node.line if node else self.node.line, node.end if node else self.node.line)

    def needed(self, name: str) -> str | None:
        """A text that must be there and not empty; None, and a problem, where it is not."""
        text = self.text(name).strip()
        if not text:
            self.complain(f"`{name}` is missing" if self._get(name) is None else f"`{name}` is empty", name)
            return None
        return text

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        node = self._get(name)
        if node is None or node.value is None:
            return default
        if not isinstance(node.value, bool):
            self._misfit(name, "true or false")
            return default
        return node.value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; what else stands in it is left out."""
        found = []
        for item in self._items(name):
            if item.text is None:
                self.problems.add(self.file, item.line, f"`{name}` holds something that is no text")
            elif item.value is not None:
                found.append(item.text)
        return tuple(found)

    def entries(self, name: str) -> Iterator[Fields]:
        """A list of mappings; what else stands in it is left out."""
        for item in self._items(name):
            if item.fields is None:
                self.problems.add(self.file, item.line, f"`{name}` holds something that is no mapping")
            else:
                yield self._inner(item)

    def inner(self, name: str) -> Fields | None:
        """A mapping in it; None where there is none."""
        node = self._get(name)
        if node is None or node.value is None:
            return None
        if node.fields is None:
            self._misfit(name, "a mapping")
            return None
        return self._inner(node)

    def names(self) -> tuple[str, ...]:
        """Its keys."""
        return tuple(self.node.fields or ())

    def value(self, name: str) -> Json:
        """A field as JSON has it."""
        node = self._get(name)
        return node.value if node else None

    def values(self, *, without: frozenset[str] = frozenset()) -> dict[str, Json]:
        """All of it as JSON has it."""
        return {name: node.value for name, node in (self.node.fields or {}).items() if name not in without}

    def _inner(self, node: Node) -> Fields:
        for line, key in node.repeated:
            self.problems.add(self.file, line, f"`{key}` stands here twice; the first counts")
        return Fields(self.file, node, self.problems)

    def _items(self, name: str) -> list[Node]:
        node = self._get(name)
        if node is None or node.value is None:
            return []
        if node.items is None:
            self._misfit(name, "a list")
            return []
        return node.items

    def _misfit(self, name: str, wanted: str) -> None:
        self.complain(f"`{name}` is not {wanted}", name)

    def _get(self, name: str) -> Node | None:
        return (self.node.fields or {}).get(name)


class Files:
    """The files of a project, read as they are asked for."""

    def __init__(self, files: Mapping[str, bytes], problems: Problems) -> None:
        self._files = files
        self.problems = problems

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __contains__(self, file: str) -> bool:
        return file in self._files

    def matching(self, folder: str, *endings: str) -> list[str]:
        """The files right in a folder, in order of their names."""
        prefix = f"{folder}/" if folder else ""
        return sorted(
            file
            for file in self._files
            if file.startswith(prefix) and "/" not in file[len(prefix) :] and file.endswith(endings)
        )

    def folders(self, folder: str) -> list[str]:
        """The folders right in a folder, by name."""
        prefix = f"{folder}/"
        rest = (file[len(prefix) :] for file in self._files if file.startswith(prefix))
        return sorted({each.split("/", 1)[0] for each in rest if "/" in each})

    def text(self, file: str) -> str | None:
        """A file's text with `\\n` at its line ends; None where it is not there or no UTF-8, which is a problem."""
        content = self._files.get(file)
        if content is None:
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.problems.add(file, line, "not readable: the file is not UTF-8")
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def located(self, file: str) -> Text:
        """A whole file as one text; empty where there is none."""
        text = (self.text(file) or "").strip("\n")
        return Text(text, file, 1, text.count("\n") + 1)

    def mapping(self, file: str) -> Fields | None:
        """A YAML file that is a mapping; None where it is not there, empty or broken, the latter with a problem."""
        text = self.text(file)
        if text is None or not text.strip():
            return None
        try:
            node = read_yaml(text)
        except UnreadableYaml as error:
            self.problems.add(file, error.line, error.message)
            return None
        if node.fields is None:
            if node.value is not None:
                self.problems.add(file, node.line, "not a mapping of names to values")
            return None
        for line, key in node.repeated:
            self.problems.add(file, line, f"`{key}` stands here twice; the first counts")
        return Fields(file, node, self.problems)
