"""What the agent knows about: `topics/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from postcall.runtime.projects.fields import Files, Text
from postcall.runtime.projects.model import Topic

FOLDER = "topics"
_YAML = (".yaml", ".yml")
_PUNCTUATION = re.compile(r"[^\w\s]")
_GAPS = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class ReadTopics:
    """The topics, and the texts in which references may stand."""

    topics: tuple[Topic, ...]
    contents: tuple[Text, ...]
    actions: tuple[Text, ...]


def read_topics(files: Files, variants: Iterable[str]) -> ReadTopics:
    """Those of all variants by their files' names, then those of one variant only."""
    by_folder = {file_name(variant): variant for variant in variants}
    topics: list[Topic] = []
    contents: list[Text] = []
    actions: list[Text] = []
    seen: dict[tuple[str, str | None], str] = {}
    for file, variant in _topic_files(files, by_folder):
        fields = files.mapping(file)
        if fields is None:
            continue
        name = fields.text("name").strip() or _stem(file)
        if (name, variant) in seen:
            fields.complain(f"the topic {name!r} is in {seen[name, variant]} already, which counts", "name")
            continue
        seen[name, variant] = file
        topics.append(
            Topic(
                name=name,
                content=fields.text("content").strip(),
                actions=fields.text("actions").strip(),
                example_queries=fields.texts("example_queries"),
                enabled=fields.flag("enabled", True),
                variant=variant,
                file=file,
            )
        )
        contents.append(fields.located("content"))
        actions.append(fields.located("actions"))
    return ReadTopics(tuple(topics), tuple(contents), tuple(actions))


def file_name(name: str) -> str:
    """How the format derives the name of a file or folder from what is shown: `Opening hours!` → `opening_hours`."""
    return _GAPS.sub("_", _PUNCTUATION.sub(" ", name.lower())).strip("_")


def _topic_files(files: Files, by_folder: dict[str, str]) -> Iterable[tuple[str, str | None]]:
    for file in files.matching(FOLDER, *_YAML):
        yield file, None
    children = f"{FOLDER}/child_topics"
    for folder in files.folders(children):
        inside = files.matching(f"{children}/{folder}", *_YAML)
        variant = by_folder.get(file_name(folder))
        if variant is None:
            for file in inside:
                files.problems.add(file, None, f"the topic is for the variant {folder!r}, which there is not")
            continue
        for file in inside:
            yield file, variant


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]
