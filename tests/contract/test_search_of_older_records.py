"""A record from before there was a search: its calls are found after the migration."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.builders import Desk, a_call

import postcall.storage.migrations
from postcall.storage.calls import find_call_row, remove_calls
from postcall.storage.database import open_record
from postcall.storage.search import search_calls


def migrate(url: str, revision: str) -> None:
    """Bring a record to a revision, as the first process that starts would."""
    config = Config()
    config.set_main_option("script_location", str(Path(postcall.storage.migrations.__file__).parent))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == "0003" else command.upgrade)(config, revision)
    engine.dispose()


@pytest.mark.parametrize("revised", [False, True])
def test_calls_that_were_there_before_are_found_and_forgotten(database_url: str, revised: bool) -> None:
    record = open_record(database_url)
    desk = Desk(record)
    desk.hand_in(a_call("call-1", "agent: Hôtel Lumière.", "user: A refund,\nplease."))
    if revised:
        desk.hand_in(a_call("call-1", "user: A refund, please: l’hôtel."), replace=True)
    record.close()
    migrate(database_url, "0003")
    record = open_record(database_url)
    desk = Desk(record, desk.clock)
    call = record.read(lambda c: find_call_row(c, desk.pk, "call-1"))
    assert record.read(lambda c: search_calls(c, desk.pk, 'hotel "refund please"', limit=None)) == [call.pk]
    assert record.read(lambda c: search_calls(c, desk.pk, "lumiere", limit=None)) == ([] if revised else [call.pk])
    record.write(lambda c: remove_calls(c, call.agent_pk, id_prefix="", now=desk.clock()))
    desk.hand_in(a_call("call-2", "user: Something else."))
    assert record.read(lambda c: search_calls(c, desk.pk, "hotel OR refund", limit=None)) == []
    record.close()
