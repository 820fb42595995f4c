"""Agents, their versions and drafts as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from postcall.configure.diffing import QuestionPart
from postcall.configure.question_history import Asked
from postcall.configure.word_diff import diff_words
from postcall.domain.agents import Agent, Draft, Version, VersionConfig
from postcall.domain.questions import DispositionMetric
from postcall.web import words
from postcall.web.diff_view import SETTING_NAMES, PieceView, show_kept, show_pieces, show_project
from postcall.web.filters import path_of

SOMEBODY = "somebody"
"""Who did it, where that is not known: nobody needs to sign in at the machine itself."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent in the list."""

    slug: str
    name: str
    id: str
    href: str
    active: str
    active_href: str
    questions: str
    drafts: str
    since: str
    chat: str | None
    """Where to chat with it; None where postcall does not host it."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of an agent."""

    number: int
    href: str
    label: str | None
    description: str
    pinned: bool
    active: bool
    made: str
    made_iso: str
    by: str
    questions: str
    activate: str
    """Where to send the request that makes it active."""
    verb: str
    """What that is called: an older version than the active one is rolled back to."""
    to: str
    """What stands between that and the version."""
    calls: str
    """The list of the calls that it was asked of."""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft of an agent."""

    id: str
    name: str
    href: str
    edit: str
    base: int
    base_is_active: bool
    revision: int
    saved: str
    saved_iso: str
    by: str
    begun_by: str
    questions: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as a version asks it."""

    place: int
    identifier: str
    type: str
    prompt: str
    choices: tuple[str, ...]
    history: str


@dataclass(frozen=True, slots=True)
class EverAsked:
    """A question that some version asks or has asked."""

    identifier: str
    href: str
    versions: str
    now: bool
    """Whether the active version asks it."""


@dataclass(frozen=True, slots=True)
class AskedView:
    """A question as some versions in a row asked it."""

    versions: str
    href: str
    """The first of them."""
    now: bool
    since: str
    since_iso: str
    by: str
    changed: str
    type: str
    prompt: tuple[PieceView, ...]
    """With what is new against the time before."""
    choices: tuple[str, ...]


def agent_path(slug: str, *rest: str | int) -> str:
    """The address of an agent's page, or of one below it."""
    return "/".join(("/agents", quote(slug, safe=""), *(quote(str(part), safe="") for part in rest)))


def project_path(agent: Agent, version: Version) -> str | None:
    """The page of a version's project, if it has one."""
    if version.config.project is None:
        return None
    path = agent_path(agent.slug, "project")
    return path if version.number == agent.active_version else f"{path}?version={version.number}"


def editor_path(slug: str, draft_id: str) -> str:
    """Where a draft's questions are edited."""
    return f"{agent_path(slug, 'questions')}?{urlencode({'draft': draft_id})}"


def show_agent_row(agent: Agent, active: Version, drafts: int) -> AgentRow:
    """One agent in the list."""
    return AgentRow(
        slug=agent.slug,
        name=agent.name,
        id=agent.id,
        href=agent_path(agent.slug),
        active=_version_name(active),
        active_href=agent_path(agent.slug, "versions", active.number),
        questions=words.count(len(active.config.questions), "question"),
        drafts=words.count(drafts, "draft") if drafts else words.NONE,
        since=words.moment(agent.created_at),
        chat=agent_path(agent.slug, "chat") if active.config.project and agent.archived_at is None else None,
    )


def show_version_row(agent: Agent, version: Version) -> VersionRow:
    """One version, as seen while another may be active."""
    is_older = version.number < agent.active_version
    return VersionRow(
        number=version.number,
        href=agent_path(agent.slug, "versions", version.number),
        label=version.label,
        description=words.visible(version.description),
        pinned=version.pinned,
        active=version.number == agent.active_version,
        made=words.moment(version.created_at),
        made_iso=version.created_at.isoformat(),
        by=version.created_by or words.NONE,
        questions=words.count(len(version.config.questions), "question"),
        activate=agent_path(agent.slug, "versions", version.number, "activate"),
        verb="Roll back" if is_older else "Activate",
        to=" to" if is_older else "",
        calls=path_of([("agent", agent.slug), ("version", str(version.number))]),
    )


def show_draft_row(agent: Agent, draft: Draft) -> DraftRow:
    """One draft, as seen while its base may be active or not."""
    return DraftRow(
        id=draft.id,
        name=draft.name,
        href=agent_path(agent.slug, "drafts", draft.id),
        edit=editor_path(agent.slug, draft.id),
        base=draft.base_version,
        base_is_active=draft.base_version == agent.active_version,
        revision=draft.revision,
        saved=words.moment(draft.updated_at),
        saved_iso=draft.updated_at.isoformat(),
        by=draft.updated_by or SOMEBODY,
        begun_by=draft.created_by or SOMEBODY,
        questions=words.count(len(draft.config.questions), "question"),
    )


def show_questions(agent: Agent, questions: Sequence[DispositionMetric]) -> tuple[QuestionRow, ...]:
    """What a version asks, in its order."""
    return tuple(
        QuestionRow(
            place=place,
            identifier=question.identifier,
            type=question.type.value,
            prompt=words.visible(question.prompt),
            choices=tuple(words.visible(choice) for choice in question.choices),
            history=agent_path(agent.slug, "history", question.identifier),
        )
        for place, question in enumerate(questions, start=1)
    )


def show_settings(config: VersionConfig) -> tuple[tuple[str, str], ...]:
    """Everything that a version says besides its questions, and what it says where that is left open."""
    least = "0.8 where a model answers the rest, else 0.5" if config.min_confidence is None else config.min_confidence
    return (
        (SETTING_NAMES["summary_prompt"], words.visible(config.summary_prompt)),
        (SETTING_NAMES["analyser"], config.analyser or "the model where one is configured, else built-in"),
        (SETTING_NAMES["use_reasoning_model"], words.scalar(config.use_reasoning_model)),
        (SETTING_NAMES["min_confidence"], str(least)),
        (SETTING_NAMES["audit_share"], f"{config.audit_share:.0%}"),
        (SETTING_NAMES["project"], show_project(config.project)),
        *_show_prompt(config),
        *(((SETTING_NAMES["kept"], words.visible(show_kept(config.kept))),) if config.kept else ()),
    )


def _show_prompt(config: VersionConfig) -> tuple[tuple[str, str], ...]:
    """What an agent says that is one prompt; nothing of others."""
    if config.prompt is None:
        return ()
    return (
        (SETTING_NAMES["prompt"], words.visible(config.prompt)),
        (SETTING_NAMES["greeting"], words.visible(config.greeting) or words.NONE),
        (SETTING_NAMES["agent_model"], config.agent_model or words.NONE),
        (SETTING_NAMES["asks_agent_model"], words.scalar(config.asks_agent_model)),
    )


def show_ever_asked(
    agent: Agent, asked: Mapping[str, Sequence[int]], *, all_versions: Sequence[Version]
) -> tuple[EverAsked, ...]:
    """Every question that was ever asked, by which versions."""
    newest = max(version.number for version in all_versions)
    return tuple(
        EverAsked(
            identifier=identifier,
            href=agent_path(agent.slug, "history", identifier),
            versions=say_versions(numbers, newest=newest),
            now=agent.active_version in numbers,
        )
        for identifier, numbers in asked.items()
    )


def show_history(agent: Agent, history: Sequence[Asked]) -> tuple[AskedView, ...]:
    """One question through the versions, the latest way first."""
    earlier: list[Asked | None] = [*history[1:], None]
    return tuple(_show_asked(agent, each, before) for each, before in zip(history, earlier, strict=True))


def say_versions(numbers: Sequence[int], *, newest: int) -> str:
    """`1, 3–7`, or `all`."""
    if len(numbers) == newest:
        return "all" if newest > 1 else "1"
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(_run(first, last) for first, last in runs)


def _show_asked(agent: Agent, asked: Asked, before: Asked | None) -> AskedView:
    prompt = asked.question.prompt
    return AskedView(
        versions=_run(asked.first_version, asked.last_version),
        href=agent_path(agent.slug, "versions", asked.first_version),
        now=asked.first_version <= agent.active_version <= asked.last_version,
        since=words.moment(asked.since),
        since_iso=asked.since.isoformat(),
        by=asked.by or words.NONE,
        changed=_say_changed(asked, before),
        type=asked.question.type.value,
        prompt=show_pieces(diff_words(before.question.prompt if before else prompt, prompt)),
        choices=tuple(words.visible(choice) for choice in asked.question.choices),
    )


def _say_changed(asked: Asked, before: Asked | None) -> str:
    if before is None:
        return "first asked"
    came_back = "" if before.last_version == asked.first_version - 1 else "asked again"
    changed = ", ".join(f"{part} changed" for part in asked.parts if part in QuestionPart)
    return ", ".join(said for said in (came_back, changed) if said)


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _version_name(version: Version) -> str:
    return f"{version.number}, {version.label}" if version.label else str(version.number)
