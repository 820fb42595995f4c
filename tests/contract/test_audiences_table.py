"""Audiences: everybody in them once, looked for by what is known of them, copied into campaigns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from tests.builders import AGENT, Desk

from postcall.domain.audiences import Audience, Contact, Member
from postcall.domain.calls import Json
from postcall.domain.outbound import CampaignStatus
from postcall.errors import BadInput, NotFound
from postcall.outbound.member_search import anywhere, in_columns
from postcall.storage.agents import ensure_agent_row
from postcall.storage.audiences import (
    Added,
    NewAudience,
    add_members,
    create_audience,
    find_audience,
    find_audience_row,
    list_audiences,
    list_members,
    remove_audience,
    remove_members,
    search_members,
)
from postcall.storage.campaign_members import copy_some
from postcall.storage.outbound_schema import audience_members, campaign_members, campaigns


def a_contact(index: int, **data: str) -> Contact:
    phone = f"+1415555{index:04d}"
    return Contact(phone, {"phoneNumber": phone, **data})


def an_audience(desk: Desk, *contacts: Contact, name: str = "Leads") -> Audience:
    new = NewAudience(name, "", "phoneNumber", by="test")
    return desk.record.write(lambda c: create_audience(c, desk.pk, new, contacts, now=desk.clock()))


def add(desk: Desk, audience: Audience, *contacts: Contact, most: int = 100) -> Added:
    return desk.record.write(lambda c: add_members(c, desk.pk, audience.id, contacts, most=most, now=desk.clock()))


def members(desk: Desk, audience: Audience, *, limit: int = 100, skip: int = 0) -> list[Member]:
    return list(
        desk.record.read(
            lambda c: list_members(c, find_audience_row(c, desk.pk, audience.id).pk, limit=limit, skip=skip)
        ).members
    )


def a_campaign(desk: Desk, audience: Audience, *, status: str = "draft", deleted: bool = False) -> int:
    def write(connection: sa.Connection) -> int:
        agent = ensure_agent_row(connection, desk.pk, AGENT, now=desk.clock())
        values = {
            "account_pk": desk.pk,
            "id": f"{status:0<24}",
            "name": status,
            "description": "",
            "agent_pk": agent.pk,
            "audience_pk": find_audience_row(connection, desk.pk, audience.id).pk,
            "audience_id": audience.id,
            "audience_name": audience.name,
            "number_ids": [],
            "max_retries": 0,
            "retry_delay_s": 60,
            "status": status,
            "cancelled_calls": 0,
            "deleted_at": desk.clock() if deleted else None,
            "created_at": desk.clock(),
            "updated_at": desk.clock(),
        }
        return int(connection.execute(sa.insert(campaigns).values(values).returning(campaigns.c.pk)).scalar_one())

    return desk.record.write(write)


def test_people_come_back_as_they_went_in_and_in_that_order(desk: Desk) -> None:
    given = [a_contact(index, name=f"Žoë {index}, \"x\" 'y' %_\\") for index in range(2_500)]
    audience = an_audience(desk, *given)
    found = members(desk, audience, limit=5_000)
    assert [Contact(member.phone, member.data) for member in found] == given
    assert len({member.id for member in found}) == 2_500
    assert members(desk, audience, limit=2, skip=7) == found[7:9]
    assert desk.record.read(lambda c: find_audience(c, desk.pk, audience.id)).member_count == 2_500


def test_a_number_is_in_an_audience_once(desk: Desk) -> None:
    audience = an_audience(desk, a_contact(1, name="first"), a_contact(2))
    done = add(desk, audience, a_contact(3, name="one"), a_contact(1, name="again"), a_contact(3, name="two"))
    assert done == Added(added=1, skipped=2)
    assert [member.data.get("name") for member in members(desk, audience)] == ["first", None, "one"]
    assert an_audience(desk, a_contact(1), name="Others").member_count == 1


def test_a_limit_is_kept_and_then_nobody_is_added(desk: Desk) -> None:
    audience = an_audience(desk, a_contact(1), a_contact(2))
    with pytest.raises(BadInput, match="Audience cannot exceed 3 members"):
        add(desk, audience, a_contact(3), a_contact(4), most=3)
    assert len(members(desk, audience)) == 2
    assert add(desk, audience, a_contact(1), a_contact(3), most=3) == Added(1, 1)


def test_who_adds_the_same_people_at_the_same_time_adds_them_once(desk: Desk) -> None:
    audience = an_audience(desk)
    ready = threading.Barrier(4)

    def one() -> Added:
        ready.wait()
        return add(desk, audience, *(a_contact(index) for index in range(20)), most=20)

    with ThreadPoolExecutor(4) as pool:
        done = [each.result() for each in [pool.submit(one) for _ in range(4)]]
    assert sorted(each.added for each in done) == [0, 0, 0, 20]
    assert len(members(desk, audience)) == 20


def test_people_are_taken_out_of_this_audience_alone(desk: Desk) -> None:
    audience, other = an_audience(desk, a_contact(1), a_contact(2)), an_audience(desk, a_contact(3))
    ids = [members(desk, audience)[0].id, members(desk, other)[0].id, "f" * 24]
    assert desk.record.write(lambda c: remove_members(c, desk.pk, audience.id, ids, now=desk.clock())) == 1
    assert [member.phone for member in members(desk, audience)] == ["+14155550002"]
    assert len(members(desk, other)) == 1


def test_another_account_sees_none_of_it(desk: Desk) -> None:
    audience = an_audience(desk, a_contact(1))
    stranger = Desk(desk.record, desk.clock, account="other")
    assert desk.record.read(lambda c: list_audiences(c, stranger.pk)) == ()
    for work in (
        lambda c: find_audience(c, stranger.pk, audience.id),
        lambda c: remove_audience(c, stranger.pk, audience.id),
        lambda c: remove_members(c, stranger.pk, audience.id, ["f" * 24], now=desk.clock()),
        lambda c: add_members(c, stranger.pk, audience.id, [a_contact(2)], most=9, now=desk.clock()),
    ):
        with pytest.raises(NotFound):
            desk.record.write(work)
    assert len(members(desk, audience)) == 1


@pytest.mark.parametrize("status", list(CampaignStatus))
def test_an_audience_stays_while_a_campaign_is_not_through_with_it(desk: Desk, status: CampaignStatus) -> None:
    audience = an_audience(desk, a_contact(1))
    a_campaign(desk, audience, status=status)
    gone = desk.record.write(lambda c: remove_audience(c, desk.pk, audience.id))
    assert gone is (status in {"completed", "failed", "cancelled"})
    assert len(desk.record.read(lambda c: list_audiences(c, desk.pk))) == (0 if gone else 1)
    left = desk.record.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(audience_members)).scalar_one())
    assert left == (0 if gone else 1)


def test_a_deleted_campaign_holds_nothing_back_and_is_not_listed(desk: Desk) -> None:
    audience = an_audience(desk, a_contact(1))
    a_campaign(desk, audience, status="running", deleted=True)
    [listed] = desk.record.read(lambda c: list_audiences(c, desk.pk))
    assert (listed.member_count, listed.campaigns) == (1, ())
    assert desk.record.write(lambda c: remove_audience(c, desk.pk, audience.id))


def test_audiences_are_listed_newest_first_with_their_campaigns(desk: Desk) -> None:
    older, newer = an_audience(desk, a_contact(1), a_contact(2)), an_audience(desk, name="Others")
    a_campaign(desk, older, status="running")
    listed = desk.record.read(lambda c: list_audiences(c, desk.pk))
    assert [(each.id, each.member_count) for each in listed] == [(newer.id, 0), (older.id, 2)]
    assert [each.status for each in listed[1].campaigns] == ["running"]


def test_a_campaign_gets_everybody_once_in_order_a_few_at_a_time(desk: Desk) -> None:
    audience = an_audience(desk, *(a_contact(index, name=str(index)) for index in range(5)))
    campaign_pk = a_campaign(desk, audience)

    def copy(after: int) -> int | None:
        return desk.record.write(
            lambda c: copy_some(
                c,
                find_audience_row(c, desk.pk, audience.id).pk,
                campaign_pk,
                after=after,
                limit=2,
                now=desk.clock(),
            )
        )

    def everybody() -> None:
        after: int | None = 0
        while after is not None:
            after = copy(after)

    everybody()
    add(desk, audience, a_contact(9))
    everybody()
    rows = desk.record.read(lambda c: c.execute(sa.select(campaign_members).order_by(campaign_members.c.pk)).all())
    assert [row.phone[-1] for row in rows] == ["0", "1", "2", "3", "4", "9"]
    assert rows[1].data == {"phoneNumber": "+14155550001", "name": "1"}
    assert {(row.state, row.attempts, row.due_at) for row in rows} == {("waiting", 0, desk.clock())}


def test_people_are_found_by_anything_that_is_known_of_them(desk: Desk) -> None:
    people = [a_contact(1, name="Zoë Müller", city="Bonn"), a_contact(2, name="Jane", city="MÜLLHEIM"), a_contact(3)]
    audience = an_audience(desk, *people)

    def find(term: str, *, limit: int = 10, skip: int = 0) -> tuple[list[str], int]:
        page = desk.record.read(
            lambda c: search_members(
                c, find_audience_row(c, desk.pk, audience.id).pk, anywhere(term), limit=limit, skip=skip
            )
        )
        return [member.phone[-1] for member in page.members], page.total

    assert find("mull") == (["1", "2"], 2)
    assert find("mull", limit=1) == (["1"], 2)
    assert find("mull", limit=1, skip=1) == (["2"], 2)
    assert find("555 00-02") == (["2"], 1)
    assert find("name") == ([], 0)  # the heading of a column is nobody
    assert find("%") == ([], 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"city": "bonn"}, True),
        ({"city": "bonn", "name": "zoe"}, True),
        ({"city": "bonn", "name": "jane"}, False),
        ({"phoneNumber": " 1 (415) 555-0001"}, True),
        ({"mobile": "0001"}, False),
        ({"age": "42"}, True),
        ({"vip": "TRUE"}, True),
    ],
    ids=["one", "both", "one of two", "a number", "unknown column", "a figure", "yes or no"],
)
def test_people_are_found_by_columns(wanted: dict[str, str], found: bool) -> None:
    data: dict[str, Json] = {"phoneNumber": "+14155550001", "name": "Zoë", "city": "Bonn", "age": 42, "vip": True}
    assert in_columns(wanted, phone_column="phoneNumber")(Member("f" * 24, "+14155550001", data)) is found
