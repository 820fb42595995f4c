"""Questions and what was found about them, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postcall.configure.question_lint import Finding, Rule, Severity, lint_questions
from postcall.domain.questions import DispositionMetric
from postcall.web import words
from postcall.web.question_set import QuestionSet
from postcall.web.tones import Badge, Tone

_BADGES = {
    Severity.WARNING: Badge("warning", Tone.BAD),
    Severity.HINT: Badge("hint", Tone.QUIET),
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding, and a button that does what it advises."""

    badge: Badge
    message: str
    fix: str | None
    action: str | None
    """What the button sends; None where nothing can be done by itself."""
    button: str
    rewritten: str | None
    """The prompt as it would be; None where it stays."""


@dataclass(frozen=True, slots=True)
class FoundView:
    """One finding on a page where nothing is edited: whose it is, and where it is put right."""

    badge: Badge
    identifier: str
    href: str
    message: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question of a set."""

    index: int
    anchor: str
    identifier: str
    type: str
    prompt: str
    choices: tuple[str, ...]
    findings: tuple[FindingView, ...]
    edit: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class SetView:
    """The page of an agent's questions."""

    title: str
    agent: str
    agent_href: str
    state: str
    is_draft: bool
    revision: int
    questions: tuple[QuestionView, ...]
    summary_prompt: str
    verdict: str
    is_fine: bool
    drafts: tuple[tuple[str, str], ...]
    """Address and name of the drafts that wait, where none is open."""
    json_href: str
    change_href: str
    add_href: str
    templates_href: str
    try_href: str
    publish_href: str
    active_href: str
    begin_href: str


def show_set(asked: QuestionSet) -> SetView:
    """All of a set, with its findings."""
    findings = lint_questions(asked.questions)
    last = len(asked.questions) - 1
    draft = asked.draft
    agent_href = asked.path().partition("/questions")[0]
    return SetView(
        title=f"Post-call metrics of {words.visible(asked.agent.name)}",
        agent=words.visible(asked.agent.name),
        agent_href=agent_href,
        state=_state(asked),
        is_draft=draft is not None,
        revision=draft.revision if draft else 0,
        questions=tuple(
            _show_question(asked, index, question, findings, is_last=index == last)
            for index, question in enumerate(asked.questions)
        ),
        summary_prompt=words.visible(asked.config.summary_prompt),
        verdict=_verdict(findings),
        is_fine=not findings,
        drafts=tuple(
            (f"{agent_href}/questions?draft={each.id}", words.visible(each.name)) for each in asked.waiting if not draft
        ),
        json_href=asked.path(".json"),
        change_href=asked.path("/change"),
        add_href=asked.path("/add"),
        templates_href=asked.path("/templates"),
        try_href=asked.path("/try"),
        publish_href=f"{agent_href}/drafts/{draft.id}" if draft else "",
        active_href=f"{agent_href}/questions",
        begin_href=f"{agent_href}/questions/draft",
    )


def show_findings(findings: Sequence[Finding], *, action: str) -> tuple[FindingView, ...]:
    """The findings of one question; a button sends `action`, a colon and the finding's number."""
    return tuple(
        FindingView(
            badge=_BADGES[finding.severity],
            message=words.visible(finding.message),
            fix=words.visible(finding.fix) if finding.fix else None,
            action=f"{action}:{number}" if finding.replacement else None,
            button=_button(finding),
            rewritten=_rewritten(finding),
        )
        for number, finding in enumerate(findings)
    )


def show_found(findings: Sequence[Finding], editor: str) -> tuple[FoundView, ...]:
    """The findings of a whole set, warnings first; `editor` is the page on which its questions are edited."""
    ordered = sorted(findings, key=lambda finding: finding.severity is Severity.HINT)
    return tuple(
        FoundView(
            badge=_BADGES[each.severity],
            identifier=each.identifier,
            href=f"{editor}#q-{each.identifier}",
            message=words.visible(each.message),
        )
        for each in ordered
    )


def _show_question(
    asked: QuestionSet, index: int, question: DispositionMetric, findings: Sequence[Finding], *, is_last: bool
) -> QuestionView:
    own = [finding for finding in findings if finding.identifier == question.identifier]
    return QuestionView(
        index=index,
        anchor=f"q-{question.identifier}",
        identifier=question.identifier,
        type=question.type.value,
        prompt=words.visible(question.prompt),
        choices=tuple(words.visible(choice) for choice in question.choices),
        findings=show_findings(own, action=f"fix:{index}"),
        edit=asked.path("/edit", question=question.identifier),
        is_first=index == 0,
        is_last=is_last,
    )


def _state(asked: QuestionSet) -> str:
    if asked.draft is None:
        return f"version {asked.agent.active_version}, active now"
    return f"draft “{words.visible(asked.draft.name)}”, begun from version {asked.draft.base_version}"


def _verdict(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing to be said against these questions."
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    parts = [words.count(warnings, "warning")] if warnings else []
    if len(findings) > warnings:
        parts.append(words.count(len(findings) - warnings, "hint"))
    return " and ".join(parts)


def _button(finding: Finding) -> str:
    if finding.replacement is None:
        return ""
    if finding.rule is Rule.OPTIONS:
        return f"Make these the choices: {', '.join(words.visible(choice) for choice in finding.replacement.choices)}"
    if finding.rule is Rule.MISSING_CHOICE:
        return f"Add “{words.visible(finding.replacement.choices[-1])}” to the choices"
    if finding.rule is Rule.NO_OTHER:
        return "Add the choice “other”"
    return "Change the prompt so"


def _rewritten(finding: Finding) -> str | None:
    if finding.replacement is None or finding.rule not in (Rule.SKIPS, Rule.FALLBACK_TYPE, Rule.WEIGHTS):
        return None
    return words.visible(finding.replacement.prompt)
