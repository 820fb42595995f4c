"""What to look for in one question; `question_lint` applies it to a set and adds what shows only between questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from postcall.configure.choice_sets import is_catch_all, leaves_nothing_out
from postcall.configure.prompt_values import NamedValue, explained_keys, named_values
from postcall.configure.question_findings import Finding, Rule, Severity
from postcall.configure.question_options import MAX_PROMPT, offered_choices
from postcall.configure.vagueness import why_vague
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.values import Fit, coerce, fold_choice, says_nothing

_SKIP = re.compile(
    r"(?P<lead>^|[.;,:?!(\n]\s*|\b(?:then|please|just|or|and|simply)\s+)(?P<what>(?:skip|omit|exclude|drop|ignore|leave\s+out"
    r"|pass\s+over)(?:\s+(?:it|this|that|the)(?:\s+(?:metric|question|field|key|value|answer|item|entry))?)?"
    r"|(?:do\s+not|don['’]t|never)\s+(?:answer|return|report|include|fill(?:\s+in)?|output|extract|set|populate|evaluate)"
    r"(?:\s+(?:it|this|anything|a\s+value|(?:this|the)\s+(?:metric|question|field|value)))?"
    r"|leave\s+(?:it|this|(?:this|the)\s+(?:metric|question|field|value|answer))\s+(?:blank|empty|out|unset|unanswered)"
    r"|leave\s+(?:blank|empty))(?=\s*(?:[.;,)\n]|$)|\s+(?:if|when|unless|where|altogether|entirely|completely|in\s+that\s+case)\b)",
    re.IGNORECASE,
)
_SCORE = re.compile(
    r"\b(?:scores?|rate|rating|grade|points|mark|out\s+of\s+\d+|scale|percent(?:age)?|\d+\s*(?:-|–|to)\s*\d+)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"(?:\b(?:scores?|rate|rating|grade|assess|evaluate|judge)\b(?:\s+of)?|\b(?:based\s+on|considering|consider|combining|combines?|consists?"
    r"\s+of|made\s+(?:up\s+)?of|taking\s+into\s+account|take\s+into\s+account|covering|covers|looking\s+at|in\s+terms\s+of|across|from"
    r"\s+these|criteria)\b:?)"
    r"\s+(?P<parts>(?:[\w'’/-]+\s+){0,6}?[\w'’/-]+(?:,\s*[^,.;:?!\n]{1,60}){0,8},?\s+(?:and|&|plus)\s+[^.;:?!\n]{1,80})",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\d+\s*(?:%|per\s*cent|points?\s+(?:for|if|each|when)|pts?\b)|\b(?:weigh(?:s|t|ts|ted|ing)?|average|mean|sum|equally|add|plus|points?"
    r"\s+each|one\s+point|a\s+point|count(?:s|ing)?\s+(?:as\s+)?(?:one|double|half|twice)|times|minus|subtract|lowest\s+of|highest\s+of"
    r"|whichever\s+is)\b|[×*]\s*\d|\d\s*[×*]",
    re.IGNORECASE,
)
_A_DAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""Any moment: only whether a fallback can be read as a date counts, not as which."""
_KIND = {
    QuestionType.BOOLEAN: "true or false",
    QuestionType.INTEGER: "a whole number",
    QuestionType.DATETIME: "a date",
    QuestionType.STRING: "text",
    QuestionType.ENUM: "one of the choices",
}


def findings_of(question: DispositionMetric) -> Iterator[Finding]:
    """All that can be said of a question by itself."""
    offered = list(_options(question))
    yield from offered
    if not offered:
        yield from _missing_choices(question)
    yield from _skips(question)
    yield from _fallback_types(question)
    yield from _weights(question)
    if not offered:
        yield from _no_other(question)
    yield from _vague(question)


def _options(question: DispositionMetric) -> Iterator[Finding]:
    offered = offered_choices(question.prompt, bare_lines=question.type in (QuestionType.STRING, QuestionType.ENUM))
    if not offered or _are_answers_of(question.type, offered):
        return
    if {fold_choice(value) for value in offered} <= {fold_choice(choice) for choice in question.choices}:
        return
    listed = ", ".join(offered)
    if question.type is QuestionType.ENUM and question.choices:
        message = f"The prompt lists {listed}, but the choices are {', '.join(question.choices)}."
    elif question.type is QuestionType.ENUM:
        message = f"The prompt lists {listed}, and there are no choices yet."
    else:
        message = f"The prompt lists {listed}, but the type is {question.type}, so any value may come back."
    yield Finding(
        Severity.WARNING,
        question.identifier,
        Rule.OPTIONS,
        message,
        f"Make it an ENUM with the choices {listed}.",
        replace(question, type=QuestionType.ENUM, choices=offered),
    )


def _are_answers_of(kind: QuestionType, offered: tuple[str, ...]) -> bool:
    if kind in (QuestionType.ENUM, QuestionType.STRING):
        return False
    return all(coerce(value, kind, reference=_A_DAY).fit is not Fit.MISFIT for value in offered)


def _missing_choices(question: DispositionMetric) -> Iterator[Finding]:
    if question.type is not QuestionType.ENUM or not question.choices:
        return
    known = {fold_choice(choice) for choice in question.choices}
    named = [each.value for each in named_values(question.prompt) if not each.is_no_value]
    for value in dict.fromkeys((*named, *explained_keys(question.prompt, question.choices))):
        if fold_choice(value) in known or not fold_choice(value):
            continue
        known.add(fold_choice(value))
        yield Finding(
            Severity.WARNING,
            question.identifier,
            Rule.MISSING_CHOICE,
            f"The prompt can lead to '{value}', which is not among the choices.",
            f"Add '{value}' to the choices, or take it out of the prompt.",
            replace(question, choices=(*question.choices, value)),
        )


def _skips(question: DispositionMetric) -> Iterator[Finding]:
    found = _SKIP.search(question.prompt[:MAX_PROMPT])
    if found is None:
        return
    what = " ".join(found["what"].split())
    if question.type is QuestionType.ENUM:
        stand_in = next((choice for choice in question.choices if is_catch_all(choice)), "none")
        instead = f"answer '{stand_in}'"
        choices = question.choices if stand_in in question.choices else (*question.choices, stand_in)
    else:
        instead, choices = "give no value", question.choices
    instead = instead if found["what"][:1].islower() else instead.capitalize()
    prompt = question.prompt[: found.start("what")] + instead + question.prompt[found.end("what") :]
    yield Finding(
        Severity.WARNING,
        question.identifier,
        Rule.SKIPS,
        f"The prompt says “{what}”, but every question is answered for every call.",
        f"Say what to answer then, such as “{instead}”.",
        replace(question, prompt=prompt, choices=choices),
    )


def _fallback_types(question: DispositionMetric) -> Iterator[Finding]:
    if question.type in (QuestionType.STRING, QuestionType.ENUM):
        return
    for named in named_values(question.prompt):
        if named.is_no_value or named.value.strip().casefold() == "null" or not _is_misfit(named, question.type):
            continue
        yield Finding(
            Severity.WARNING,
            question.identifier,
            Rule.FALLBACK_TYPE,
            f"The prompt can lead to '{named.value}', which is not {_KIND[question.type]}, the type of this question.",
            "Say “no value” instead, which gives the status unknown, or name a value of the type.",
            replace(question, prompt=_with_no_value(question.prompt, named)),
        )
        return


def _is_misfit(named: NamedValue, kind: QuestionType) -> bool:
    if kind is QuestionType.DATETIME and not named.for_absence:
        return False
    return says_nothing(named.value) or coerce(named.value, kind, reference=_A_DAY).fit is Fit.MISFIT


def _with_no_value(prompt: str, named: NamedValue) -> str:
    start, end = (named.start - 1, named.end + 1) if named.quoted else (named.start, named.end)
    words_for_it = "No value" if not prompt[:start].strip() or prompt[:start].rstrip()[-1:] in ".?!" else "no value"
    return prompt[:start] + words_for_it + prompt[end:]


def _weights(question: DispositionMetric) -> Iterator[Finding]:
    numbered = bool(question.choices) and all(choice.strip().isdigit() for choice in question.choices)
    prompt = question.prompt[:MAX_PROMPT]
    if question.type is not QuestionType.INTEGER and not numbered:
        return
    if not _SCORE.search(prompt) or _WEIGHED.search(prompt):
        return
    found = _PARTS.search(prompt)
    lines = offered_choices(prompt)
    if found is None and not (lines and not all(value.isdigit() for value in lines)):
        return
    parts = " ".join(found["parts"].split()) if found else ", ".join(lines)
    yield Finding(
        Severity.WARNING,
        question.identifier,
        Rule.WEIGHTS,
        f"The score is made of several parts ({parts}), and the prompt does not say how they count.",
        "Give each part its weight, or say that the score is their simple average.",
        replace(question, prompt=question.prompt.rstrip() + " The score is the simple average of the parts."),
    )


def _no_other(question: DispositionMetric) -> Iterator[Finding]:
    if question.type is not QuestionType.ENUM or not question.choices or leaves_nothing_out(question.choices):
        return
    if any(named.for_absence for named in named_values(question.prompt)):  # "no value if …" is a way out as well
        return
    yield Finding(
        Severity.HINT,
        question.identifier,
        Rule.NO_OTHER,
        "A call that fits none of the choices gets the nearest one.",
        "Add the choice 'other', and say in the prompt when it applies.",
        replace(
            question,
            prompt=question.prompt.rstrip() + " other: none of these.",
            choices=(*question.choices, "other"),
        ),
    )


def _vague(question: DispositionMetric) -> Iterator[Finding]:
    why = why_vague(question.prompt)
    if why is not None:
        yield Finding(Severity.HINT, question.identifier, Rule.VAGUE, why.message, why.fix)
