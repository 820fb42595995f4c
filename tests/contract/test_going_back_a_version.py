"""A record that goes back to before postcall placed calls, and forward again: what was there before stays."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from tests.builders import AGENT, Desk, a_call, a_question
from tests.contract.going_back import go_back
from tests.notify.deliveries import hook, quiet_call, settings_for

from postcall.domain.agents import VersionConfig
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.branches import create_branch, find_branch, list_branches, open_draft
from postcall.storage.database import Record, open_record
from postcall.storage.drafts import list_drafts
from postcall.storage.version_ids import snapshot_draft


def edit_on_a_branch(desk: Desk) -> None:
    def write(connection: sa.Connection) -> None:
        main = list_branches(connection, desk.pk, AGENT)[0]
        made = create_branch(connection, desk.pk, main, 1, name="Try", by=None, now=desk.clock())
        draft = open_draft(connection, desk.pk, made, VersionConfig(questions=()), by=None, now=desk.clock())
        snapshot_draft(connection, desk.pk, draft, now=desk.clock())
        assert find_branch(connection, desk.pk, AGENT, made.id).draft_id == draft.id

    desk.record.write(write)


def calls_and_questions(record: Record, desk: Desk) -> tuple[int, list[str]]:
    def read(connection: sa.Connection) -> tuple[int, list[str]]:
        agent = find_agent_row(connection, desk.pk, AGENT)
        config = find_version(connection, agent.pk, agent.active_version).config
        counted = connection.exec_driver_sql("SELECT count(*) FROM calls").scalar_one()
        return int(counted), [each.identifier for each in config.questions]

    return record.read(read)


def test_calls_versions_and_drafts_stay_and_what_placed_calls_had_is_gone(database_url: str, tmp_path: Path) -> None:
    record = open_record(database_url)
    desk = Desk(record)
    desk.ask(a_question())
    desk.hand_in(a_call("call-1", "user: Hello."))
    hook(desk, settings_for(tmp_path), "https://hooks.example/one")
    quiet_call(desk, "call-2")
    edit_on_a_branch(desk)
    before = calls_and_questions(record, desk)
    record.close()
    go_back(database_url, "0005", without={"outbound_calls", "campaigns", "deliveries"})
    record = open_record(database_url)
    assert calls_and_questions(record, desk) == before
    assert [draft.name for draft in record.read(lambda c: list_drafts(c, desk.pk, AGENT))] == ["Draft on Try"]
    assert [branch.name for branch in record.read(lambda c: list_branches(c, desk.pk, AGENT))] == ["Main"]
    ids = record.read(lambda c: c.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM versions").one())
    assert ids[0] == ids[1] > 0
    record.close()
