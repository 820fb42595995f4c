"""The names of metrics that somebody may ask about: what each is, and of which projects it may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from postcall.domain.builtin_metrics import ALIASES, KNOWN
from postcall.domain.metrics import MetricType
from postcall.domain.questions import QuestionType
from postcall.domain.visibility import ApiSettings
from postcall.errors import BadInput
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.reports import KnownName
from postcall.storage.project_catalogue import Project, Vocabulary

PERSONAL = frozenset({"call_summary", "email_subject"})
"""What these say is personal data: nothing for a key without that permission."""
SUMMARY = "call_summary"
"""Of the current extraction; a conversation's, and nothing to count by."""
_STANDS_FOR = {"duration": "CALL_DURATION"}
_SAME = {"poly_score": "poly_score_normalized"}
"""Names that clients know another name of."""

WIRE_TYPES = {
    MetricType.BOOLEAN: "bool",
    MetricType.STRING: "string",
    MetricType.INTEGER: "int",
    MetricType.FLOAT: "float",
}
_OF_ANSWERS = {QuestionType.BOOLEAN: "bool", QuestionType.INTEGER: "int"}
_OF_VALUES = {"boolean": "bool", "number": "float"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One metric of the catalogue."""

    name: str
    type: str
    """`string`, `int`, `bool` or `float`."""
    description: str = ""
    values: tuple[str, ...] = ()
    """All that it can be, where that is a closed set."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one key may know of the projects that it asks about."""

    projects: tuple[Project, ...]
    entries: Mapping[str, Entry]
    """By name, in the order of the alphabet; those alone that some project shows."""
    kept_back: Mapping[str, frozenset[str]]
    """By the slug of a project: metrics whose definitions keep them out of interfaces."""
    with_pii: bool

    def shows(self, project: Project, name: str) -> bool:
        """Whether the key, the project and the metric's own definition all allow it to be shown."""
        return name not in self.kept_back[project.slug] and shows(project.settings, name, with_pii=self.with_pii)

    def hiding(self, name: str) -> frozenset[str]:
        """The slugs of the projects that do not show a metric."""
        return frozenset(each.slug for each in self.projects if not self.shows(each, name))

    def find(self, given: str, *, where: str) -> Entry:
        """The metric of this name, however its letters are cased; BadInput names the nearest there are."""
        found = self.look_up(given)
        if found is None:
            raise BadInput(
                f"{where}: there is no metric {given[:100]!r}{did_you_mean(given, self.entries)}", field=where
            )
        if len(found) > 1:
            raise BadInput(f"{where}: {given[:100]!r} may be any of {', '.join(found)}", field=where)
        return self.entries[found[0]]

    def look_up(self, given: str) -> Sequence[str] | None:
        """The names that somebody may mean, one of them where it is plain; None where there is none."""
        if given in self.entries:
            return (given,)
        wanted = {given.casefold(), _SAME.get(given.casefold(), given.casefold())}
        return tuple(name for name in self.entries if name.casefold() in wanted) or None


def is_personal(name: str) -> bool:
    """Whether what a metric says is personal data."""
    folded = name.casefold()
    return folded in PERSONAL or (folded.startswith("poly_score_") and folded.endswith("_summary"))


def shows(settings: ApiSettings, name: str, *, with_pii: bool) -> bool:
    """Whether both the key and the project allow a metric to be shown."""
    if (is_personal(name) and not with_pii) or (name == SUMMARY and not settings.show_transcripts):
        return False
    allowed = settings.response_metrics
    return allowed is None or name in allowed or _STANDS_FOR.get(name) in allowed


def make_catalogue(
    projects: Iterable[Project],
    vocabularies: Mapping[str, Vocabulary],
    carried: Iterable[KnownName],
    *,
    with_pii: bool,
) -> Catalogue:
    """What is defined, asked, built in or carried by calls, where it may be shown.

    A name that several projects use is described by the oldest of them that says what it is.
    """
    mine = tuple(projects)
    seen: dict[str, list[KnownName]] = {}
    for each in carried:
        seen.setdefault(each.agent, []).append(each)
    kept_back = {
        slug: frozenset(name for name, metric in vocabulary.definitions.items() if not metric.in_api)
        for slug, vocabulary in vocabularies.items()
    }
    catalogue = Catalogue(mine, {}, kept_back, with_pii)
    entries: dict[str, Entry] = {}
    for project in mine:
        for name, entry in _entries(vocabularies[project.slug], seen.get(project.slug, ())).items():
            if catalogue.shows(project, name) and _says_more(entry, entries.get(name)):
                entries[name] = entry
    ordered = sorted(entries.values(), key=lambda entry: (entry.name.casefold(), entry.name))
    return replace(catalogue, entries={entry.name: entry for entry in ordered})


def _says_more(entry: Entry, before: Entry | None) -> bool:
    return before is None or (not before.description and bool(entry.description))


def _entries(vocabulary: Vocabulary, carried: Iterable[KnownName]) -> dict[str, Entry]:
    """The names of one project, each as the first says it: a definition, a question, postcall itself, the calls."""
    values = {each.name: each.kind for each in carried}
    entries = {
        name: Entry(name, WIRE_TYPES[metric.type], metric.definition, metric.expected_values)
        for name, metric in vocabulary.definitions.items()
        if metric.active or name in values
    }
    for name, question in vocabulary.questions.items():
        entries.setdefault(
            name, Entry(name, _OF_ANSWERS.get(question.type, "string"), question.prompt, question.choices)
        )
    for name, metric in KNOWN.items():
        entries.setdefault(name, Entry(name, WIRE_TYPES[metric.type], metric.definition))
    for name, kind in values.items():
        entries.setdefault(name, Entry(name, _OF_VALUES.get(kind, "string")))
    return entries


assert set(_STANDS_FOR) == ALIASES
