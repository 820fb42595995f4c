"""Settings of agents by environment; they act at once, outside versions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Environment, Json
from postcall.domain.real_time_configs import check_real_time_config
from postcall.storage.hosted_schema import real_time_configs
from postcall.storage.statements import insert_new, lock_row, upsert


def read_real_time_config(
    connection: Connection, agent_pk: int, environment: Environment | str
) -> tuple[dict[str, Json], dict[str, Json]] | None:
    """The schema and the data; None where the environment has none."""
    row = connection.execute(_READ, {"agent_pk": agent_pk, "environment": str(environment)}).one_or_none()
    return None if row is None else (row.schema, row.data)


_READ = sa.select(real_time_configs.c.schema, real_time_configs.c.data).where(
    real_time_configs.c.agent_pk == sa.bindparam("agent_pk"),
    real_time_configs.c.environment == sa.bindparam("environment"),
)


def real_time_config_changed_at(
    connection: Connection, agent_pk: int, environment: Environment | str
) -> datetime | None:
    """When it was written last."""
    return connection.execute(
        sa.select(real_time_configs.c.updated_at).where(
            real_time_configs.c.agent_pk == agent_pk, real_time_configs.c.environment == str(environment)
        )
    ).scalar_one_or_none()


def write_real_time_config(
    connection: Connection,
    agent_pk: int,
    environment: Environment,
    schema: Json,
    data: Json,
    *,
    now: datetime,
) -> None:
    """Set both; BadInput names the path of what does not fit, and nothing is changed."""
    check_real_time_config(schema, data)
    upsert(
        connection,
        real_time_configs,
        _values(agent_pk, environment, schema, data, now),
        changing=("schema", "data", "updated_at"),
    )


def change_real_time_data(
    connection: Connection, agent_pk: int, environment: Environment, changes: dict[str, Json], *, now: datetime
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Change some of the data's top names, those with null go; the rest and the schema stay. What it is now.

    Where there was nothing, it begins with an empty schema, which everything fits.
    """
    connection.execute(
        lock_row(
            connection,
            sa.select(real_time_configs.c.updated_at).where(
                real_time_configs.c.agent_pk == agent_pk, real_time_configs.c.environment == str(environment)
            ),
        )
    )
    schema, data = read_real_time_config(connection, agent_pk, environment) or ({}, {})
    changed = {name: value for name, value in {**data, **changes}.items() if value is not None or name not in changes}
    write_real_time_config(connection, agent_pk, environment, schema, changed, now=now)
    return schema, changed


def seed_real_time_config(
    connection: Connection,
    agent_pk: int,
    environment: Environment | str,
    schema: Json,
    data: Json,
    *,
    now: datetime,
) -> bool:
    """Set both only where the environment has none yet, since what is set since acts on live calls; whether it did.

    BadInput where they do not fit each other.
    """
    check_real_time_config(schema, data)
    made = insert_new(
        connection,
        real_time_configs,
        _values(agent_pk, environment, schema, data, now),
        returning=real_time_configs.c.agent_pk,
    )
    return made is not None


def _values(
    agent_pk: int, environment: Environment | str, schema: Json, data: Json, now: datetime
) -> dict[str, object]:
    return {
        "agent_pk": agent_pk,
        "environment": str(environment),
        "schema": schema,
        "data": data,
        "updated_at": now,
    }
