"""Learning from an agent's past calls: read what is known, try a head for each question, store what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

import msgspec
from sqlalchemy.engine import Connection

from postcall.domain.agents import Version, VersionConfig
from postcall.domain.answers import AnswerStatus, AnswerValue
from postcall.domain.questions import DispositionMetric
from postcall.errors import BadInput
from postcall.extraction.learning.card import Card
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.gathering import Known, Source, gather_known
from postcall.extraction.learning.head import dump_head
from postcall.extraction.learning.lessons import LEARNED_TYPES, MIN_LABELS, Lesson, prepare_lessons, refuse
from postcall.extraction.learning.trial import Trial, refused, try_head
from postcall.storage.agents import find_agent_row, list_versions
from postcall.storage.database import Record
from postcall.storage.heads import store_attempt
from postcall.storage.known_answers import PastCall, read_past_calls

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of one question."""

    card: Card
    size: int | None
    """Bytes of the published head."""
    withdrawn: bool = False
    """An earlier head of the question answers no longer, since what was learned now did not win."""


@dataclass(frozen=True, slots=True)
class Study:
    """What came of all questions."""

    agent: str
    version: int
    """The active one, whose questions they are."""
    config: VersionConfig
    source: Source
    stored: bool
    results: tuple[Learnt, ...]


@dataclass(frozen=True, slots=True)
class _Material:
    agent_pk: int
    slug: str
    version: Version
    questions: tuple[DispositionMetric, ...]
    known: Mapping[str, Known]
    calls: Mapping[int, PastCall]


def learn(
    record: Record,
    account_pk: int,
    agent: str,
    *,
    source: Source,
    clock: Callable[[], datetime],
    identifiers: Sequence[str] = (),
    min_labels: int = MIN_LABELS,
    dry_run: bool = False,
    on_progress: Progress = lambda _what, _done, _all: None,
) -> Study:
    """Try a head for each question of the active version, or for those named; publish the heads that win.

    It takes seconds a question. Nothing is stored in a dry run. BadInput names an identifier that is not asked.
    """
    now = clock()
    material = record.read(lambda c: _gather(c, account_pk, agent, identifiers, source, min_labels=min_labels, now=now))
    trials = _try_all(material, min_labels=min_labels, now=now, on_progress=on_progress)
    contents = [dump_head(trial.head) if trial.head is not None else None for trial in trials]
    withdrawn = [False] * len(trials)
    if not dry_run:
        withdrawn = record.write(lambda c: _store(c, material, trials, contents, now=now))
    return Study(
        agent=material.slug,
        version=material.version.number,
        config=material.version.config,
        source=source,
        stored=not dry_run,
        results=tuple(
            Learnt(trial.card, len(content) if content else None, gone)
            for trial, content, gone in zip(trials, contents, withdrawn, strict=True)
        ),
    )


def _gather(
    connection: Connection,
    account_pk: int,
    agent: str,
    identifiers: Sequence[str],
    source: Source,
    *,
    min_labels: int,
    now: datetime,
) -> _Material:
    row = find_agent_row(connection, account_pk, agent)
    versions = list_versions(connection, row.pk)
    version = next(each for each in versions if each.number == row.active_version)
    questions = _choose(version.config.questions, identifiers)
    known = gather_known(connection, row.pk, questions, versions, source, now=now)
    wanted = sorted(
        set(
            chain.from_iterable(
                known[question.identifier].answers
                for question in questions
                if question.type in LEARNED_TYPES and len(known[question.identifier].answers) >= min_labels
            )
        )
    )
    calls = {call.call_pk: call for call in read_past_calls(connection, wanted)}
    return _Material(row.pk, row.slug, version, questions, known, calls)


def _choose(questions: tuple[DispositionMetric, ...], identifiers: Sequence[str]) -> tuple[DispositionMetric, ...]:
    by_name = {question.identifier: question for question in questions}
    for identifier in identifiers:
        if identifier not in by_name:
            asked = ", ".join(by_name) or "none"
            raise BadInput(f"{identifier!r} is no question of the active version; its questions are: {asked}")
    return tuple(by_name[name] for name in dict.fromkeys(identifiers)) if identifiers else questions


def _try_all(material: _Material, *, min_labels: int, now: datetime, on_progress: Progress) -> list[Trial]:
    lessons = _read_lessons(material)
    reasons = {
        question.identifier: _refuse(question, material.known, lessons, min_labels=min_labels)
        for question in material.questions
    }
    tried = [question for question in material.questions if reasons[question.identifier] is None]
    rules = _ask_rules(material, tried, lessons, on_progress=on_progress)
    trials = []
    for question in material.questions:
        reason, own = reasons[question.identifier], lessons[question.identifier]
        if reason is None:
            on_progress("learning", tried.index(question), len(tried))
            trial = try_head(question, own, rules[question.identifier], now=now)
        else:
            trial = refused(question, own, reason, now=now)
        set_aside = dict(material.known[question.identifier].set_aside)
        trials.append(replace(trial, card=replace(trial.card, set_aside=set_aside)))
    return trials


def _read_lessons(material: _Material) -> dict[str, tuple[Lesson, ...]]:
    features = {pk: read_features(call.transcript) for pk, call in material.calls.items()}
    return {
        identifier: prepare_lessons(
            [
                Lesson(material.calls[pk].call_id, features[pk], value, origin)
                for pk, (value, origin) in known.answers.items()
                if pk in features
            ]
        )
        for identifier, known in material.known.items()
    }


def _refuse(
    question: DispositionMetric,
    known: Mapping[str, Known],
    lessons: Mapping[str, tuple[Lesson, ...]],
    *,
    min_labels: int,
) -> str | None:
    answers = len(known[question.identifier].answers)
    if question.type in LEARNED_TYPES and answers < min_labels:  # then no call was read
        return f"{answers} calls have a known answer, and {min_labels} are needed"
    return refuse(question, lessons[question.identifier], min_labels=min_labels)


def _ask_rules(
    material: _Material,
    questions: Sequence[DispositionMetric],
    lessons: Mapping[str, tuple[Lesson, ...]],
    *,
    on_progress: Progress,
) -> dict[str, dict[str, AnswerValue]]:
    """The built-in analyser's values, by question and call: each call is asked what it has lessons about."""
    from postcall.extraction.builtin import analyse

    wanted = {
        question.identifier: {lesson.call_id for lesson in lessons[question.identifier]} for question in questions
    }
    values: dict[str, dict[str, AnswerValue]] = {question.identifier: {} for question in questions}
    calls = [call for call in material.calls.values() if any(call.call_id in ids for ids in wanted.values())]
    for done, call in enumerate(calls):
        on_progress("asking the rules", done, len(calls))
        asked = tuple(question for question in questions if call.call_id in wanted[question.identifier])
        config = replace(material.version.config, questions=asked)
        for answer in analyse(call.transcript, config, reference=call.started_at).answers:
            if answer.status is AnswerStatus.OK:
                values[answer.identifier][call.call_id] = answer.value
    return values


def _store(
    connection: Connection,
    material: _Material,
    trials: Sequence[Trial],
    contents: Sequence[bytes | None],
    *,
    now: datetime,
) -> list[bool]:
    """Whether an earlier head was withdrawn, for each. Where nothing could be tried, what there is stays."""
    return [
        trial.card.head is not None
        and store_attempt(
            connection,
            material.agent_pk,
            identifier=trial.card.identifier,
            digest=trial.card.digest,
            version=material.version.number,
            content=content,
            card=msgspec.to_builtins(trial.card),
            now=now,
        )
        for trial, content in zip(trials, contents, strict=True)
    ]
