"""Looking through questions before they are asked: what would cost answers, and what would make them better.

Nothing here refuses a question; `domain.questions.check_questions` does that. Pure, and of any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from postcall.configure.question_findings import Finding, Rule, Severity
from postcall.configure.question_options import MAX_PROMPT, offered_choices
from postcall.configure.question_rules import findings_of
from postcall.domain.folding import words
from postcall.domain.questions import DispositionMetric

__all__ = ["Finding", "Rule", "Severity", "lint_question", "lint_questions", "offered_choices"]

_OTHERS_ANSWER = re.compile(
    r"\b(?:the\s+|your\s+)?(?:previous|preceding|prior|earlier|other|above|last|first|second|next|following)\s+"
    r"(?:question|metric|field|disposition)s?\b(?!\s+(?:the|that\s+the|from|by|of\s+the|asked|they|he|she|which))"
    r"|\b(?:answer|value|result|response)s?\s+(?:to|of|from|in|for)\s+(?:the\s+)?(?:question|metric|field)\s+\w+"
    r"|\b(?:as|see)\s+(?:answered\s+)?above\b|\b(?:your|the)\s+(?:previous|earlier|above)\s+(?:answer|result|value)s?\b"
    r"|\bsame\s+as\s+(?:above|before)\b|\b(?:metric|question)\s+(?:#\s*)?\d+\b",
    re.IGNORECASE,
)
_COMPARED = r"(?:(?:is|was|=|==|equals?|is\s+set\s+to|is\s+answered(?:\s+with)?|has\s+the\s+value)\s*['\"“‘`]?\w)"
_STOP_WORDS = (
    "a an the is was were are be been did does do has have had it this that they he she there of to for in on at "
    "by and or with during call agent caller customer any so please whether"
)
_STOP = frozenset(_STOP_WORDS.split())
_LONG_RUN = re.compile(r"(\s{20})\s+")
"""White space beyond what anybody writes: what looks for words around it takes time with the square of its length."""
_SUFFIX = re.compile(r"(?:ations?|ments?|ings?|ed|es|s|e|d)$")
_ASKING = frozenset({"what", "which", "who", "whom", "how", "why", "when", "where", "many", "much", "often"})
_ALIKE = 0.75
"""From which share of common words on two questions ask nearly the same."""


def lint_questions(questions: Sequence[DispositionMetric]) -> tuple[Finding, ...]:
    """Every finding, in the order of the questions, warnings of a question before its hints.

    Takes what could not be published as well, such as an ENUM without choices, since people lint while they write.
    """
    found: list[Finding] = []
    for index, question in enumerate(questions):
        found += lint_question(question, others=questions, compared_with=questions[:index])
    return tuple(found)


def lint_question(
    question: DispositionMetric,
    *,
    others: Sequence[DispositionMetric],
    compared_with: Sequence[DispositionMetric] | None = None,
) -> tuple[Finding, ...]:
    """The findings of one question of a set; it is compared for likeness with `compared_with` (None: with `others`)."""
    question = replace(question, prompt=_LONG_RUN.sub(r"\1", question.prompt))
    near = others if compared_with is None else compared_with
    found = [*findings_of(question), *_depends(question, others), *_overlaps(question, near)]
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.HINT))


def _depends(question: DispositionMetric, questions: Sequence[DispositionMetric]) -> Iterator[Finding]:
    said = _other_identifier(question, questions)
    if said is None:
        named = _OTHERS_ANSWER.search(question.prompt[:MAX_PROMPT])
        if named is None:
            return
        said = f"speaks of “{' '.join(named[0].split())}”"
    yield Finding(
        Severity.WARNING,
        question.identifier,
        Rule.DEPENDS,
        f"The prompt {said}, but each question is answered by itself, without the answers to others.",
        "Say in this prompt what has to be heard in the call.",
    )


def _other_identifier(question: DispositionMetric, questions: Sequence[DispositionMetric]) -> str | None:
    prompt = question.prompt[:MAX_PROMPT]
    own = {question.identifier, *question.choices}
    for other in questions:
        name = other.identifier
        if name in own or not name or not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prompt):
            continue
        # A word such as `outcome` is also plain language: only where it is named as a question does it count.
        if "_" in name or _names_it(name, prompt):
            return f"mentions the question '{name}'"
    return None


def _names_it(name: str, prompt: str) -> bool:
    exact = re.escape(name)
    return bool(
        re.search(
            rf"[`'\"“‘]{exact}[`'\"”’]|\b(?i:if|when|unless|where|whenever)\s+{exact}\s+{_COMPARED}"
            rf"|\b(?i:value|answer|result)\s+(?:of|to|for)\s+{exact}\b|\b(?i:metric|question|field)\s+{exact}\b",
            prompt,
        )
    )


def _overlaps(question: DispositionMetric, earlier: Sequence[DispositionMetric]) -> Iterator[Finding]:
    for other in earlier:
        if other.identifier != question.identifier and _ask_the_same(question, other):
            yield Finding(
                Severity.HINT,
                question.identifier,
                Rule.OVERLAP,
                f"This asks nearly the same as '{other.identifier}'.",
                "Keep one of the two, or say in each what only it asks.",
            )
            return


def _ask_the_same(one: DispositionMetric, other: DispositionMetric) -> bool:
    """Nearly the same words for the same type; for another type, such as why and whether, exactly the same."""
    ours, theirs = _asked(one.prompt[:MAX_PROMPT]), _asked(other.prompt[:MAX_PROMPT])
    if one.type is not other.type:
        return len(ours - _ASKING) > 1 and ours == theirs
    ours, theirs = ours - _ASKING, theirs - _ASKING
    if min(len(ours), len(theirs)) < 2:
        return False
    both, differing = len(ours & theirs), len(ours ^ theirs)
    return both >= _ALIKE * (both + differing) or (differing == 1 and both >= 2)


@lru_cache(maxsize=4096)
def _asked(prompt: str) -> frozenset[str]:
    """The stems of what is asked: the first sentence, without what explains it."""
    first = re.split(r"[?.:\n]\s|[?.:\n]$", prompt, maxsplit=1)[0]
    return frozenset(_stem(word) for word in words(first) if word not in _STOP)


def _stem(word: str) -> str:
    stem = _SUFFIX.sub("", word) if len(word) > 4 else word
    return stem if len(stem) >= 3 else word
