"""A record taken back to the version before, as an operator would who has to run that."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import postcall.storage.migrations


def go_back(url: str, revision: str, *, without: set[str]) -> None:
    """To the tables of a revision, among which these are no more."""
    config = Config()
    config.set_main_option("script_location", str(Path(postcall.storage.migrations.__file__).parent))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        assert not without & set(sa.inspect(connection).get_table_names())
    engine.dispose()
