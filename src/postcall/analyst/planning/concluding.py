"""What is shown of a planned answer once the model is done, or was stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from postcall.analyst.budget import Budget
from postcall.analyst.checking.sentences import Checked, Kept
from postcall.analyst.planning.tools import Toolbox
from postcall.analyst.telling.uncovered import said_of_results
from postcall.domain.analysis import Analysis, Asked, Basis, Citation
from postcall.reporting.filter_words import filters_in_words, name_in_words
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.nearest import listed

NO_ANSWER = "The model gave no answer that the data bears out."
ASK = "The question can mean several things: please say more exactly what is wanted."


@dataclass
class Outcome:
    """How a plan ended."""

    checked: Checked = field(default_factory=Checked)
    missing: tuple[str, ...] = ()
    asks_back: str | None = None
    stopped: str | None = None
    """Why it ended early."""


def conclude(outcome: Outcome, toolbox: Toolbox, budget: Budget, *, behind: tuple[str, ...] = ()) -> Analysis:
    """The sentences that hold, with their calls, what they rest on, and what was left out.

    `behind` are the calls behind the first of the results that the sentences rest on.
    """
    kept = outcome.checked.kept
    asked = tuple(toolbox.asked.values())
    citations = tuple(dict.fromkeys(each for sentence in kept for each in sentence.citations))
    shown = shown_of(outcome, toolbox)
    found = [call for name in used_by(outcome) for call in toolbox.found.get(name, ())]
    return Analysis(
        answer=_answer(outcome, toolbox, citations),
        kind=None,
        understood=" ".join(f"[{each.id}] {in_words(each)}" for each in asked if not shown or each.id in shown),
        asked=asked,
        calls=tuple(dict.fromkeys([*(each.call for each in citations), *(found or behind)])),
        citations=citations,
        basis=_basis(outcome, toolbox),
        not_covered=tuple(_not_covered(outcome, asked)),
        asks_back=not kept and outcome.asks_back is not None,
        shown=shown,
        usage=budget.usage(),
    )


def used_by(outcome: Outcome) -> tuple[str, ...]:
    """Ids of the results that the sentences rest on, in their order."""
    return tuple(dict.fromkeys(name for sentence in outcome.checked.kept for name in sentence.queries))


def shown_of(outcome: Outcome, toolbox: Toolbox) -> tuple[str, ...]:
    """Those of them that are queries."""
    return tuple(name for name in used_by(outcome) if name in toolbox.asked)


def in_words(asked: Asked) -> str:
    """What a query asks, so that whoever reads a number sees what it is a number of."""
    query = asked.query
    said = listed([measure_in_words(measure) for measure in query.measures], "and")
    if query.group_by:
        said += f" by {listed([name_in_words(name) for name in query.group_by], 'and')}"
    if query.filters.parts:
        said += f", where {filters_in_words(query.filters)}"
    if query.text is not None:
        said += f", where “{query.text}” is said"
    if query.since is not None:
        said += f", from {query.since:%Y-%m-%d %H:%M %Z}"
    if query.until is not None:
        said += f", before {query.until:%Y-%m-%d %H:%M %Z}"
    return f"{said}."


def _answer(outcome: Outcome, toolbox: Toolbox, citations: tuple[Citation, ...]) -> str:
    if outcome.checked.kept:
        said = [*outcome.checked.kept, *_told_of_samples(outcome, toolbox)]
        return _lines((_cited(each, citations), each.item) for each in said)
    if outcome.asks_back is not None:
        return outcome.asks_back or ASK
    if outcome.missing:
        return f"The data cannot answer this: nothing records {listed(list(outcome.missing), 'or')}."
    return NO_ANSWER


def _cited(sentence: Kept, citations: tuple[Citation, ...]) -> str:
    """The sentence with the marks of its citations before its full stop."""
    marks = "".join(f" [c{citations.index(each) + 1}]" for each in dict.fromkeys(sentence.citations))
    text = sentence.text
    return text[:-1] + marks + text[-1] if text[-1] in ".!?" else text + marks


def _lines(said: Iterable[tuple[str, bool]]) -> str:
    """Sentences in a row, and each item of a list in a line of its own."""
    lines: list[str] = []
    in_list = False
    for text, item in said:
        if item:
            lines.append(f"- {text}")
        elif lines and not in_list:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
        in_list = item
    return "\n".join(lines)


def _told_of_samples(outcome: Outcome, toolbox: Toolbox) -> list[Kept]:
    """Of how many calls each sample is, whether the model says so or not."""
    said: list[Kept] = []
    for name in used_by(outcome):
        basis, counted = toolbox.bases.get(name), toolbox.counted.get(name)
        if basis is not None and basis.n is not None and counted is not None:
            drawn = f"a sample of {basis.n:,} [{name}] of {basis.of:,} [{counted}] calls"
            said.append(Kept(f"That is from {drawn if basis.n < basis.of else f'all {basis.n:,} [{name}] calls'}."))
    return said


def _basis(outcome: Outcome, toolbox: Toolbox) -> Basis | None:
    used = used_by(outcome)
    for name in used:
        if name in toolbox.bases:
            return toolbox.bases[name]
    counts = [toolbox.asked[name].result.calls for name in used if name in toolbox.asked]
    return Basis(of=max(counts)) if counts else None


def _not_covered(outcome: Outcome, asked: tuple[Asked, ...]) -> list[str]:
    said = [outcome.stopped.rstrip(".")] if outcome.stopped else []
    dropped = len(outcome.checked.dropped)
    if dropped:
        sentences = "1 sentence" if dropped == 1 else f"{dropped} sentences"
        said.append(f"{sentences} of the model's answer: no result and no quote bears them out")
    return [*said, *said_of_results(asked)]
