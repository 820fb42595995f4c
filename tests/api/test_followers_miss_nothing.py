"""What a follower of a call is told where a turn broke off or was spoken over, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import Stage, now, take

from postcall.api.native.call_events import pieces
from postcall.domain.calls import MetricValue, MetricWrite
from postcall.domain.conversations import EventKind
from postcall.storage.call_events import News, Seen, read_news
from postcall.storage.conversations import Hosted, claim_turn, hosted_call
from postcall.storage.database import Record
from postcall.storage.end_runs import begin_end_run
from postcall.storage.hosted_writes import Kept, Writes, keep_writes
from postcall.testing import Says, ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(default=Says("We have rye. And spelt.")) as scripted:
        yield scripted


@pytest.fixture
def stage(record: Record, tmp_path: Path, model: ScriptedModel) -> Stage:
    made = Stage(record, tmp_path, model.url)
    made.push()
    return made


def open_call(stage: Stage) -> str:
    async def talk() -> str:
        async with stage.hosting() as hosting:
            return (await stage.open(hosting)).id

    return run_aside(talk())


def look(stage: Stage, call_id: str, seen: Seen | None = None) -> News:
    account_pk = stage.desk.pk
    return stage.record.read(lambda c: read_news(c, account_pk, call_id, seen, with_pii=True))


def claim(stage: Stage, call_id: str, lease: str, *, later_s: float = 0.0) -> Hosted:
    account_pk, at = stage.desk.pk, now() + timedelta(seconds=later_s)
    return stage.record.write(lambda c: claim_turn(c, account_pk, call_id, lease=lease, now=at))


def write(stage: Stage, hosted: Hosted, lease: str, source: str = "live", **metrics: MetricValue) -> None:
    kept = Kept(hosted.call_pk, hosted.id, hosted.agent_pk, hosted.revision, hosted.turn + 1, source, lease)
    writes = Writes(tuple(MetricWrite(name, value, now()) for name, value in metrics.items()), (), hosted.next_event)
    stage.record.write(lambda c: keep_writes(c, kept, writes, now=now()))


def test_what_a_broken_turn_wrote_is_taken_back_and_written_again_for_all_to_see(stage: Stage) -> None:
    call_id = open_call(stage)
    broken = claim(stage, call_id, "one")
    write(stage, broken, "one", A=1, B=1)
    early = look(stage, call_id)
    again = claim(stage, call_id, "two", later_s=60)
    write(stage, broken, "one", TOO_LATE=1)
    write(stage, again, "two", A=1, B=1, C=1)
    news = look(stage, call_id, early.seen)
    assert [metric.name for metric in early.metrics] == ["A", "B"]
    assert [metric.name for metric in news.metrics] == ["A", "B", "C"]
    positions = [metric.position for metric in (*early.metrics, *news.metrics)]
    assert positions == sorted(set(positions)), "none is given twice"
    (warning,) = news.events
    assert warning.kind is EventKind.WARNING
    taken = warning.content["taken_back"]
    assert taken == [{"position": metric.position, "name": metric.name} for metric in early.metrics]
    assert [metric.name for metric in look(stage, call_id).metrics] == ["A", "B", "C"], "who comes now sees each once"


def test_a_turn_that_breaks_off_twice_still_gives_no_position_twice(stage: Stage) -> None:
    call_id = open_call(stage)
    seen: list[int] = []
    for number in range(3):
        hosted = claim(stage, call_id, f"lease-{number}", later_s=60.0 * number)
        write(stage, hosted, f"lease-{number}", A=number)
        seen.append(look(stage, call_id).metrics[-1].position)
    assert seen == [0, 1, 2]


def test_a_run_of_end_function_that_was_only_slow_writes_nothing_beside_the_next(stage: Stage) -> None:
    call_id, account_pk = open_call(stage), stage.desk.pk
    hosted = stage.record.read(lambda c: hosted_call(c, account_pk, call_id))
    slow = stage.record.write(lambda c: begin_end_run(c, hosted, lease="slow", now=now()))
    write(stage, slow, "slow", "end_function", DONE=1)
    early = look(stage, call_id)
    second = stage.record.write(lambda c: begin_end_run(c, hosted, lease="second", now=now()))
    write(stage, slow, "slow", "end_function", DONE=1, MORE=1)
    write(stage, second, "second", "end_function", DONE=1)
    assert [(metric.name, metric.position) for metric in look(stage, call_id).metrics] == [("DONE", 1)]
    news = look(stage, call_id, early.seen)
    assert [metric.position for metric in news.metrics] == [1]
    assert [event.content["taken_back"] for event in news.events] == [[{"position": 0, "name": "DONE"}]]


def test_words_that_were_not_heard_are_told_again_as_they_are_kept(stage: Stage) -> None:
    async def talk() -> tuple[News, str]:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("What have you got?"))
            early = look(stage, call.id)
            await call.interrupt("We have rye.")
            await take(call.hear("Rye, then."))
            return early, call.id

    early, call_id = run_aside(talk())
    transcript = [turn.text for turn in early.turns]
    assert transcript[-1] == "We have rye. And spelt."
    news = look(stage, call_id, early.seen)
    assert news.first_turn == len(transcript) - 1
    heard = [*transcript[: news.first_turn], *(turn.text for turn in news.turns)]
    assert heard == [turn.text for turn in look(stage, call_id).turns]
    assert heard[-3:-1] == ["We have rye.", "Rye, then."]
    assert [event.kind for event in news.events].count(EventKind.INTERRUPTED) == 1


def test_a_follower_who_breaks_off_amid_that_is_told_the_rest(stage: Stage) -> None:
    async def talk() -> tuple[News, str]:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("What have you got?"))
            early = look(stage, call.id)
            await call.interrupt("")
            await take(call.hear("Rye, then."))
            return early, call.id

    early, call_id = run_aside(talk())
    wanted = [turn.text for turn in look(stage, call_id).turns]
    told = list(pieces(look(stage, call_id, early.seen)))
    for _, seen in told:
        kept = {position: turn.text for position, turn in enumerate(early.turns)}
        for piece, reached in [
            *told[: [each for _, each in told].index(seen) + 1],
            *pieces(look(stage, call_id, seen)),
        ]:
            if piece.name == "turn":
                assert reached.turns == piece.position + 1
                kept = {position: text for position, text in kept.items() if position < piece.position}
                kept[piece.position] = str(piece.content["text"])
        assert [kept[position] for position in sorted(kept)] == wanted


def test_pieces_keep_the_order_of_their_kind_whatever_their_times_say(stage: Stage) -> None:
    news = look(stage, open_call(stage))
    late, early = (
        replace(event, at=now() + timedelta(seconds=s)) for event, s in zip(news.events * 2, (5, -5), strict=False)
    )
    turned = replace(news, events=(late, early))
    positions = [piece.position for piece, _ in pieces(turned) if piece.part == "events"]
    assert positions == sorted(positions)
