"""What is shown of a planned answer once the model is done, or was stopped."""

from __future__ import annotations

from dataclasses import dataclass, field

from postcall.analyst.budget import Budget
from postcall.analyst.checking import Checked
from postcall.analyst.tools import Toolbox
from postcall.analyst.uncovered import said_of_results
from postcall.domain.analysis import Analysis, Asked, Basis
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


def conclude(outcome: Outcome, toolbox: Toolbox, budget: Budget) -> Analysis:
    """The sentences that hold, with their calls, what they rest on, and what was left out."""
    kept = outcome.checked.kept
    asked = tuple(toolbox.asked.values())
    citations = tuple(dict.fromkeys(each for sentence in kept for each in sentence.citations))
    used = list(dict.fromkeys(name for sentence in kept for name in sentence.queries))
    return Analysis(
        answer=_answer(outcome),
        kind=None,
        understood=" ".join(f"[{each.id}] {in_words(each)}" for each in asked),
        asked=asked,
        calls=tuple(dict.fromkeys(each.call for each in citations)),
        citations=citations,
        basis=_basis(used, toolbox),
        not_covered=tuple(_not_covered(outcome, asked)),
        asks_back=not kept and outcome.asks_back is not None,
        usage=budget.usage(),
    )


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


def _answer(outcome: Outcome) -> str:
    if outcome.checked.kept:
        return " ".join(sentence.text for sentence in outcome.checked.kept)
    if outcome.asks_back is not None:
        return outcome.asks_back or ASK
    if outcome.missing:
        return f"The data cannot answer this: nothing records {listed(list(outcome.missing), 'or')}."
    return NO_ANSWER


def _basis(used: list[str], toolbox: Toolbox) -> Basis | None:
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
