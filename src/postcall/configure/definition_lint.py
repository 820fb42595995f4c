"""What is wrong with one metric's definition and its expected values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rapidfuzz.distance import OSA

from postcall.configure.metric_findings import Finding, Fix, Rule, Severity
from postcall.configure.name_words import Style, family_of, in_style, meaning, split_name, style_of
from postcall.domain.folding import words
from postcall.domain.metrics import MetricDefinition, MetricType

_FEW_WORDS: Final = 4
_MANY_VALUES: Final = 20
_FILLER_WORDS: Final = (
    "a an and are be boolean did does flag for has have if in is it metric number of on or string text that the this "
    "to tells value was were when whether which with call caller"
)
_FILLERS: Final = frozenset(_FILLER_WORDS.split())
_CONDITION_WORDS: Final = (
    "when whenever if once after unless only while until where whether each every during before because"
)
_CONDITION: Final = frozenset(_CONDITION_WORDS.split())
_MOMENT_WORDS: Final = "at by on per in from end start first last for"
_MOMENT: Final = _CONDITION | frozenset(_MOMENT_WORDS.split())
_LOOSE: Final = frozenset({"etc", "stuff", "things", "misc", "miscellaneous", "something", "somehow", "various"})


def lint_definition(metric: MetricDefinition) -> Iterator[Finding]:
    """At most one remark: the first that applies is the one to mend first."""
    said = words(metric.definition)
    problem = _wrong_with(metric, said)
    if problem is not None:
        yield Finding(
            Severity.ADVICE,
            Rule.DEFINITION,
            metric.name,
            problem,
            "Whoever reads the number, or writes the code, has only this to tell what counts and what does not.",
            Fix(definition=_drafted(metric, said), draft=True),
        )


def _wrong_with(metric: MetricDefinition, said: Sequence[str]) -> str | None:
    if not said:
        return "It has no definition."
    own = {family_of(word) for word in split_name(metric.name)}
    if not {family_of(word) for word in said} - own - _FILLERS:
        return "Its definition only repeats the name."
    if len(said) < _FEW_WORDS:
        return "Its definition is too short to be understood alone."
    if metric.type is MetricType.BOOLEAN and not _CONDITION & set(said):
        return "Its definition does not say under which condition it is true."
    if not _MOMENT & set(said):
        return "Its definition does not say when it applies."
    loose = sorted(_LOOSE & set(said))
    if loose:
        return f"Its definition leaves open what counts ({', '.join(loose)})."
    return None


def _drafted(metric: MetricDefinition, said: Sequence[str]) -> str:
    """What was said, if anything, and the sentences that are missing, with … where only people know."""
    thing = " ".join(split_name(metric.name)) or metric.name
    begun = metric.definition.strip().rstrip(".") + ". " if len(said) >= _FEW_WORDS else ""
    match metric.type:
        case MetricType.BOOLEAN:
            asked = f"True when … ({thing}); false when …; not written where …."
        case MetricType.STRING:
            asked = f"Says which … ({thing}); written once … is known, and not where …."
        case MetricType.INTEGER | MetricType.FLOAT:
            asked = f"How many … ({thing}), in …; written when …, and not where …."
    return begun + asked


def lint_values(metric: MetricDefinition) -> Iterator[Finding]:
    """Remarks about the expected values of a string."""
    values = metric.expected_values
    merged = tuple(_without_doubles(values))
    if len(merged) < len(values):
        gone = ", ".join(repr(value) for value in values if value not in merged)
        yield Finding(
            Severity.PROBLEM,
            Rule.VALUES,
            metric.name,
            f"Some expected values say the same as others: {gone}.",
            "What is one thing is counted as two, and each looks rarer than it is.",
            Fix(expected_values=merged, draft=True),
        )
    elif len(styles := Counter(style_of(value) for value in values if any(map(str.isalpha, value)))) > 1:
        style = _best_style(styles)
        alike = tuple(in_style(value, style) for value in values)
        spelled = alike if len({value.casefold() for value in alike}) == len(values) else None
        only_case = spelled is not None and all(
            old.casefold() == new.casefold() for old, new in zip(values, spelled, strict=True)
        )
        yield Finding(
            Severity.ADVICE,
            Rule.VALUES,
            metric.name,
            "Its expected values are written in different ways.",
            "Code has to write each exactly, but for its case, and other spellings do not count.",
            Fix(expected_values=spelled, draft=not only_case) if spelled else None,
        )
    if len(values) > _MANY_VALUES:
        yield Finding(
            Severity.ADVICE,
            Rule.VALUES,
            metric.name,
            f"It has {len(values)} expected values.",
            "Nobody compares so many at a glance, and most will be too rare to tell anything: group them, with one "
            "for all others.",
        )
    if len(values) == 1:
        yield Finding(
            Severity.ADVICE,
            Rule.VALUES,
            metric.name,
            f"{values[0]!r} is its only expected value.",
            "What can have one value is a boolean: true where it was so.",
        )


def _best_style(styles: Counter[Style]) -> Style:
    fit = {style: count for style, count in styles.items() if style not in (Style.MIXED, Style.CAMEL)}
    return max(fit, key=lambda style: fit[style]) if fit else Style.LOWER_SNAKE


def _without_doubles(values: Sequence[str]) -> Iterator[str]:
    kept: list[list[str]] = []
    for value in values:
        said = split_name(value)
        if said and any(_same_value(said, earlier) for earlier in kept):
            continue
        kept.append(said)
        yield value


def _same_value(one: Sequence[str], other: Sequence[str]) -> bool:
    if "".join(one) == "".join(other):
        return True
    if not other or meaning(one) == meaning(other):
        return bool(other)
    mine, theirs = " ".join(one), " ".join(other)
    long_enough = min(len(mine), len(theirs)) >= 7
    plain_words = not any(char.isdigit() for char in mine + theirs)
    return long_enough and plain_words and mine[0] == theirs[0] and OSA.distance(mine, theirs, score_cutoff=1) <= 1
