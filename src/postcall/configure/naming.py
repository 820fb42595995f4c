"""A linter for an agent's real-time metrics, which says why each remark matters and what would put it right.

Names are compared with one another: written in one way, one word for one thing, one prefix for one topic. A clean set
draws no remark, and neither do retired definitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from postcall.configure.definition_lint import lint_definition, lint_values
from postcall.configure.metric_findings import Finding, Fix, Rule, Severity
from postcall.configure.name_words import TOPICS, Style, family_of, in_style, meaning, split_name, style_of, topic_words
from postcall.domain.metrics import MetricDefinition, MetricType

_TYPO_LETTERS: Final = ((9, 2), (6, 1))
"""How many letters may differ in a word of at least so many."""
_SWAPPED_LETTERS: Final = 5
"""Two neighbours that changed places are told in a word of at least so many."""
_BOTH_ARE_WORDS: Final = frozenset(
    frozenset(pair.split())
    for pair in ("changed charged", "change charge", "started starred", "refused refuted", "inbound unbound")
)
_GENERIC_WORDS: Final = (
    "a an and at by call did for from has have in is it no not of on or per reason category count id name new number "
    "old offered sent status the to total type was with accepted attempted completed confirmation cancellation date "
    "day declined failed first last requested success time customer outcome"
)
_GENERIC: Final = frozenset(_GENERIC_WORDS.split())
"""Words that many topics share, by their family: they are no topic themselves."""
_TOPIC_FROM: Final = 3
"""So many names make a topic that wants a prefix."""


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    words: tuple[str, ...]
    meaning: frozenset[str]
    style: Style
    type: MetricType | None
    """None where nobody has defined it."""


def lint_metrics(definitions: Sequence[MetricDefinition], undeclared: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every remark about an agent's metrics, those of one name together; at most one of them about the name itself.

    `undeclared` are names that calls carry and nobody has defined. Of two names that clash, the one defined first
    stays, so the remark is about the other; but of two spellings of one name the one in capitals stays, as it would
    be advised against otherwise once it was the only one.
    """
    active = sorted((each for each in definitions if each.active), key=lambda each: (each.created_at, each.name))
    known = {each.name for each in definitions}
    names = [_named(each.name, each.type) for each in active]
    names += [_named(name, None) for name in sorted(set(undeclared) - known)]
    mixed = len({each.style for each in names}) > 1
    found = [finding for each in active for finding in (*lint_definition(each), *lint_values(each))]
    about_names: dict[str, Finding] = {}
    for finding in (*_clashes(names), *_topics(names, mixed=mixed), *_prefixes(names, mixed=mixed), *_casing(names)):
        about_names.setdefault(finding.name, finding)
    found += about_names.values()
    order = {each.name: index for index, each in enumerate(names)}
    return tuple(sorted(found, key=lambda finding: (order[finding.name], list(Rule).index(finding.rule))))


def _named(name: str, type_: MetricType | None) -> _Named:
    found = tuple(split_name(name))
    return _Named(name, found, meaning(found), style_of(name), type_)


def _clashes(names: Sequence[_Named]) -> Iterator[Finding]:
    """Names that say the same as one before them."""
    for index, each in enumerate(names):
        for earlier in names[:index]:
            stays, goes = (each, earlier) if _is_better_spelled(each, earlier) else (earlier, each)
            finding = _clash(goes, stays)
            if finding is not None:
                yield finding
                break


def _clash(each: _Named, earlier: _Named) -> Finding | None:
    fix = Fix(name=earlier.name)
    if not each.words or not earlier.words:
        return None
    if "".join(each.words) == "".join(earlier.words):
        return Finding(
            Severity.PROBLEM,
            Rule.SAME_NAME,
            each.name,
            f"It differs from {earlier.name!r} only in upper and lower case or in how its words are joined.",
            "Names count as they are written, so each of the two holds a part of the values and neither is right.",
            fix,
        )
    if not _may_be_one(each.type, earlier.type):
        return None
    if each.meaning == earlier.meaning:
        return Finding(
            Severity.PROBLEM,
            Rule.SYNONYM,
            each.name,
            f"It seems to say the same as {earlier.name!r} in other words.",
            "Two names for one thing split its numbers, and a report on either misses the rest.",
            fix,
        )
    if _typo(each.words, earlier.words):
        return Finding(
            Severity.PROBLEM,
            Rule.TYPO,
            each.name,
            f"It looks like a slip of the pen for {earlier.name!r}.",
            "Code that writes a misspelt name fills a metric of its own, which no report looks at.",
            fix,
        )
    return None


def _is_better_spelled(one: _Named, other: _Named) -> bool:
    """Whether it is the same name as the other, in the way of writing that is advised, and the other is not."""
    same = bool(one.words) and "".join(one.words) == "".join(other.words)
    return same and one.style is Style.UPPER_SNAKE and other.style is not Style.UPPER_SNAKE


def _may_be_one(one: MetricType | None, other: MetricType | None) -> bool:
    return one is None or other is None or one is other


def _typo(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words are the same but for one, which differs by a letter or two; digits are never a slip."""
    if len(one) != len(other):
        return False
    different = [(mine, theirs) for mine, theirs in zip(one, other, strict=True) if mine != theirs]
    if len(different) != 1:
        return False
    mine, theirs = different[0]
    if not (mine.isalpha() and theirs.isalpha()) or frozenset(different[0]) in _BOTH_ARE_WORDS:
        return False
    shorter = min(len(mine), len(theirs))
    if shorter >= _SWAPPED_LETTERS and sorted(mine) == sorted(theirs):  # as in SCROE for SCORE
        return OSA.distance(mine, theirs, score_cutoff=1) <= 1
    allowed = next((letters for length, letters in _TYPO_LETTERS if shorter >= length), 0)
    return allowed > 0 and mine[0] == theirs[0] and OSA.distance(mine, theirs, score_cutoff=allowed) <= allowed


def _topics(names: Sequence[_Named], *, mixed: bool) -> Iterator[Finding]:
    """Names that call one thing by another word than most of their neighbours."""
    for group in range(len(TOPICS)):
        by_name = {each.name: {family for index, family in topic_words(each.words) if index == group} for each in names}
        uses = Counter(next(iter(found)) for found in by_name.values() if len(found) == 1)
        if len(uses) < 2:
            continue
        preferred = max(uses, key=lambda family: uses[family])  # the first in use, where two are used alike
        for each in names:
            found = by_name[each.name]
            if len(found) != 1 or preferred in found:
                continue
            [word] = found
            swapped = [preferred if family_of(part) == word else part for part in each.words]
            yield Finding(
                Severity.ADVICE,
                Rule.SYNONYM,
                each.name,
                f"It says {word} where other names of this agent say {preferred}.",
                "Whoever looks for all there is about it has to know every word for it.",
                Fix(name=_joined(swapped, each.style, mixed=mixed)),
            )


def _casing(names: Sequence[_Named]) -> Iterator[Finding]:
    mixed = len({each.style for each in names}) > 1
    for each in names:
        suggested = in_style(each.name, Style.UPPER_SNAKE)
        fix = Fix(name=suggested) if suggested != each.name else None
        if each.style is Style.SPACED or each.name != each.name.strip():
            yield Finding(
                Severity.ADVICE,
                Rule.SPACES,
                each.name,
                "It holds white space.",
                "A space too many cannot be seen, and filters and code match names exactly.",
                fix,
            )
        elif mixed and each.style is not Style.UPPER_SNAKE:
            yield Finding(
                Severity.ADVICE,
                Rule.CASING,
                each.name,
                f"It is written in {each.style}, and other names of this agent are not.",
                "Case counts: with one way of writing, nobody has to remember which name goes how.",
                fix,
            )


def _prefixes(names: Sequence[_Named], *, mixed: bool) -> Iterator[Finding]:
    """Names that hold the word of a topic, but not in front as its other names do."""
    families = {each.name: [family_of(word) for word in each.words] for each in names}
    firsts = Counter(found[0] for found in families.values() if found)
    held = Counter(family for found in families.values() for family in set(found))
    for each in names:
        found = families[each.name]
        if len(found) < 2 or firsts[found[0]] > 1:
            continue  # with a prefix that it shares
        at = next((index for index, family in enumerate(found) if _is_topic(family, held, firsts)), 0)
        if not at:
            continue
        moved = [each.words[at], *each.words[:at], *each.words[at + 1 :]]
        yield Finding(
            Severity.ADVICE,
            Rule.PREFIX,
            each.name,
            f"{held[found[at]]} names are about {each.words[at]}, and this one does not begin with it.",
            "Lists are sorted by name: with one prefix, what belongs together stands together.",
            Fix(name=_joined(moved, each.style, mixed=mixed)),
        )


def _is_topic(family: str, held: Counter[str], firsts: Counter[str]) -> bool:
    return held[family] >= _TOPIC_FROM and firsts[family] > 0 and family not in _GENERIC and not family.isdigit()


def _joined(words: Sequence[str], style: Style, *, mixed: bool) -> str:
    return in_style("_".join(words), Style.UPPER_SNAKE if mixed or style is Style.MIXED else style)
