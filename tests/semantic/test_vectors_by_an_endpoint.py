"""Calls found by an endpoint's vectors, while they come, change and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.aside import run_aside
from tests.builders import NOON, Desk, a_call, some_turns
from tests.llm.embedding_server import EmbeddingServer, embedding_server

from postcall.domain.calls import CallStatus
from postcall.errors import ModelUnavailable
from postcall.jobs.worker import Store
from postcall.semantic.catching_up import VECTORS, CatchUp, QueueCatchingUp, catch_up
from postcall.semantic.finding import Similar, find_similar
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.access_schema import call_vectors, vector_spaces
from postcall.storage.call_vectors import CallsOf, name_calls
from postcall.storage.jobs import Job, claim_jobs, finish_job
from postcall.storage.live_calls import append_turns
from postcall.storage.schema import calls

DOCTOR = ("agent: How can I help?", "user: I have to see a physician at the clinic.")
REFUND = ("agent: How can I help?", "user: I paid twice and there is a charge.")
PIZZA = ("agent: How can I help?", "user: A table for dinner, and pizza.")


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddingServer]:
    with embedding_server() as server:
        yield server


@pytest.fixture
def endpoint(running: EmbeddingServer) -> EmbeddingServer:
    running.fails, running.refuses = False, "\0"
    running.asked.clear()
    return running


@pytest.fixture
def services(desk: Desk, endpoint: EmbeddingServer) -> Services:
    settings = replace(read_settings({"POSTCALL_DATA": "/nowhere"}), embeddings=endpoint.settings())
    return Services(desk.record, settings, desk.clock)


def find(services: Services, text: str, *, limit: int = 10, offset: int = 0, account_pk: int = 1) -> Similar:
    wanted = CallsOf(account_pk)
    return run_aside(find_similar(services, account_pk, text, wanted, limit=limit, offset=offset))


def ids(services: Services, found: Similar) -> list[str]:
    named = services.record.read(lambda c: name_calls(c, [hit.call_pk for hit in found.hits]))
    return [named[hit.call_pk].id for hit in found.hits]


def settle(services: Services) -> None:
    run_aside(catch_up(services, 1))


def count(services: Services, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return services.record.read(lambda c: int(c.execute(query).scalar_one()))


def test_the_call_about_the_same_comes_first_in_other_words(desk: Desk, services: Services) -> None:
    for name, spoken in (("doctor", DOCTOR), ("refund", REFUND), ("pizza", PIZZA)):
        desk.hand_in(a_call(name, *spoken))
    settle(services)
    found = find(services, "wants their money back")
    assert ids(services, found)[0] == "refund"
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    assert found.space.model == "subjects"
    assert (found.space.covered, found.space.of, found.total) == (3, 3, 3)
    assert "subjects" in found.space.says


def test_pages_follow_each_other_without_a_gap(desk: Desk, services: Services) -> None:
    for number in range(7):
        desk.hand_in(a_call(f"call-{number}", *PIZZA))
    settle(services)
    pages = [ids(services, find(services, "food", limit=3, offset=offset)) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [each for page in pages for each in page] == [
        f"call-{number}" for number in reversed(range(7))
    ]  # equals: the newest first


def test_an_edited_call_is_found_by_what_it_says_now(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    settle(services)
    desk.clock.advance(1)
    desk.hand_in(a_call("one", *DOCTOR), replace=True)
    before = find(services, "food")
    assert before.hits == ()  # what it said once is not what it says
    assert (before.space.covered, before.space.of) == (0, 1)
    settle(services)
    assert find(services, "physician").hits[0].score > 0.9
    assert find(services, "food").hits[0].score < 0.1
    assert count(services, call_vectors) == 1


def test_a_call_that_falls_silent_is_no_longer_found(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    desk.hand_in(a_call("two", *DOCTOR))
    settle(services)
    desk.hand_in(replace(a_call("one"), turns=()), replace=True)
    settle(services)
    assert ids(services, find(services, "food")) == ["two"]
    assert count(services, call_vectors) == 1


def test_a_deleted_call_leaves_no_vector(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    settle(services)
    services.record.write(lambda c: c.execute(sa.delete(calls)))
    assert count(services, call_vectors) == 0
    assert find(services, "food").hits == ()


def test_a_live_call_is_read_again_when_it_has_grown_and_when_it_is_over(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("live", *PIZZA, status=CallStatus.IN_PROGRESS))
    settle(services)
    asked = count_readings(services)
    more = some_turns("user: My password does not work and my account is locked.")
    for _ in range(4):
        services.record.write(lambda c: append_turns(c, 1, "live", more, now=desk.clock()))
        settle(services)
    assert find(services, "login").hits[0].score > 0.7
    assert count_readings(services) - asked < 4  # not with each turn
    services.record.write(lambda c: c.execute(sa.update(calls).values(status="completed")))
    settle(services)
    assert services.record.read(lambda c: c.execute(sa.select(call_vectors.c.turns)).scalar_one()) == 6


def count_readings(services: Services) -> int:
    spaces = services.record.read(lambda c: c.execute(sa.select(vector_spaces.c.progress)).scalars().all())
    return sum(progress["made"] for progress in spaces)


def test_a_call_that_the_endpoint_refuses_is_asked_about_once(
    desk: Desk, services: Services, endpoint: EmbeddingServer
) -> None:
    desk.hand_in(a_call("bad", "user: unspeakable"))
    desk.hand_in(a_call("good", *PIZZA))
    endpoint.refuses = "unspeakable"
    settle(services)
    asked = len(endpoint.asked)
    settle(services)
    assert len(endpoint.asked) == asked
    found = find(services, "food")
    assert ids(services, found) == ["good"]
    assert (found.space.covered, found.space.of) == (1, 2)


def test_a_search_says_that_the_endpoint_fails_rather_than_nothing(
    desk: Desk, services: Services, endpoint: EmbeddingServer
) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    settle(services)
    endpoint.fails = True
    with pytest.raises(ModelUnavailable):
        find(services, "food")


def test_another_account_sees_nothing_of_it(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    settle(services)
    other = Desk(desk.record, desk.clock, account="other")
    other.hand_in(a_call("theirs", *PIZZA))
    run_aside(catch_up(services, other.pk))
    assert ids(services, find(services, "food")) == ["one"]
    assert ids(services, find(services, "food", account_pk=other.pk)) == ["theirs"]


def test_times_and_agents_narrow_what_is_compared(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("early", *PIZZA, started_at=NOON - timedelta(days=2)))
    desk.hand_in(a_call("late", *PIZZA, started_at=NOON - timedelta(hours=1)))
    settle(services)
    since, until = NOON - timedelta(days=1), NOON

    def within(wanted: CallsOf) -> list[str]:
        return ids(services, run_aside(find_similar(services, 1, "food", wanted, limit=9)))

    assert within(CallsOf(1, since=since, until=until)) == ["late"]
    assert within(CallsOf(1, until=since)) == ["early"]
    assert within(CallsOf(1, agent_pks=frozenset())) == []


def test_another_model_takes_over_and_the_old_vectors_go(
    desk: Desk, services: Services, endpoint: EmbeddingServer
) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    settle(services)
    settings = replace(services.settings, embeddings=endpoint.settings("subjects-2"))
    later = replace(services, settings=settings)
    assert "subjects-2 has not read every call yet" in find(later, "food").space.says
    settle(later)
    assert find(later, "food").space.model == "subjects-2"
    assert (count(later, vector_spaces), count(later, call_vectors)) == (1, 1)


def chore(services: Services) -> int:
    queue = QueueCatchingUp(services)
    return services.record.write(lambda c: queue(c, now=services.clock()))


def claim(services: Services) -> list[Job]:
    return services.record.write(lambda c: claim_jobs(c, VECTORS, limit=9, lease_s=15, now=services.clock()))


def test_an_account_has_one_job_however_many_look(desk: Desk, services: Services) -> None:
    assert chore(services) == 0
    desk.hand_in(a_call("one", *PIZZA))
    assert [chore(services) for _ in range(3)] == [1, 0, 0]
    assert len(claim(services)) == 1
    assert chore(services) == 0  # it is being done


def test_the_worker_reads_calls_in_and_rests_when_all_are_read(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    chore(services)
    work_off(services)
    assert find(services, "food").space.covered == 1
    assert chore(services) == 0


def test_an_endpoint_that_keeps_failing_is_told_of_and_left_alone_for_a_while(
    desk: Desk, services: Services, endpoint: EmbeddingServer
) -> None:
    desk.hand_in(a_call("one", *PIZZA))
    chore(services)
    [job] = claim(services)
    handler = CatchUp(services)
    failure = ModelUnavailable("the model's endpoint failed (503): out of order", retry=True)
    services.record.write(lambda c: give_up(c, handler, job, failure))
    found = find(services, "food")
    assert "out of order" in found.space.says
    assert found.space.model == "built-in"
    assert chore(services) == 0
    desk.clock.advance(601)
    assert chore(services) == 1
    work_off(services)
    assert find(services, "food").space.model == "subjects"


def give_up(connection: Connection, handler: CatchUp, job: Job, failure: ModelUnavailable) -> None:
    finish_job(connection, job)
    handler.give_up(job, failure)(connection)


def work_off(services: Services) -> None:
    """What the worker does, step after step."""
    handler = CatchUp(services)
    while jobs := claim(services):
        for job in jobs:
            store = run_aside(handler.run(job))
            services.record.write(partial(finish, job=job, store=store))


def finish(connection: Connection, job: Job, store: Store) -> None:
    assert finish_job(connection, job)
    store(connection)
