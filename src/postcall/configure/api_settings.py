"""What an agent's calls show through the published interfaces: changed, checked, and the names there are to pick."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from postcall.domain.builtin_metrics import ALIASES, BUILT_IN, PLATFORM
from postcall.domain.folding import storable
from postcall.domain.visibility import ApiSettings, HandoffApi
from postcall.errors import BadInput
from postcall.storage.agents import find_agent_row, find_version, lock_agent
from postcall.storage.api_settings import read_api_settings, write_api_settings
from postcall.storage.metric_definitions import list_metrics
from postcall.storage.metric_writes import names_written

MOST_METRICS = 1_000
MOST_KEYS = 200
LONGEST_NAME = 200
"""As long as the name of a metric may be."""


class NameKind(StrEnum):
    """Where a name comes from; the first that fits."""

    DEFINED = "defined"
    """Somebody defined it for the agent."""
    QUESTION = "question"
    """The active version asks it after the call."""
    BUILT_IN = "built_in"
    """What postcall says of every call, and what its runtime writes by itself."""
    WRITTEN = "written"
    """Calls carry it, and nobody has defined it."""


@dataclass(frozen=True, slots=True)
class OfferedName:
    """A name that can be picked."""

    name: str
    kind: NameKind
    kept_back: bool = False
    """Its definition keeps it out of interfaces, whatever is picked."""


def change_api_settings(
    connection: Connection,
    account_pk: int,
    agent: str,
    edit: Callable[[ApiSettings], ApiSettings],
    *,
    by: str | None,
    now: datetime,
) -> ApiSettings:
    """Edit what is stored now, so that two changes of different settings are both kept.

    BadInput names what is wrong with them.
    """
    agent_pk = lock_agent(connection, account_pk, agent).pk
    settings = edit(read_api_settings(connection, agent_pk))
    check_api_settings(settings)
    return write_api_settings(connection, agent_pk, settings, by=by, now=now)


def offered_names(connection: Connection, account_pk: int, agent: str) -> tuple[OfferedName, ...]:
    """Every name that a reply about the agent's calls could hold today, in the order of the alphabet."""
    row = find_agent_row(connection, account_pk, agent)
    questions = find_version(connection, row.pk, row.active_version).config.questions
    definitions = list_metrics(connection, account_pk, agent)
    kept_back = {each.name for each in definitions if not each.in_api}
    found: dict[str, NameKind] = {}
    for kind, names in (
        (NameKind.DEFINED, [each.name for each in definitions]),
        (NameKind.QUESTION, [each.identifier for each in questions]),
        (NameKind.BUILT_IN, [name for name in (*BUILT_IN, *PLATFORM) if name not in ALIASES]),
        (NameKind.WRITTEN, names_written(connection, account_pk, agent)),
    ):
        for name in names:
            found.setdefault(name, kind)
    return tuple(OfferedName(name, found[name], name in kept_back) for name in sorted(found))


def unknown_names(settings: ApiSettings, offered: Iterable[OfferedName]) -> tuple[str, ...]:
    """Names that were picked and that nothing has today: those to come, or slips of the pen."""
    return tuple(sorted((settings.response_metrics or frozenset()) - {each.name for each in offered}))


def check_api_settings(settings: ApiSettings) -> None:
    """Raise BadInput that names the setting, where one cannot be kept."""
    metrics = settings.response_metrics or frozenset()
    if len(metrics) > MOST_METRICS:
        raise BadInput(
            f"response_metrics: at most {MOST_METRICS:,} names, not {len(metrics):,}", field="response_metrics"
        )
    for name in metrics:
        _check_name(name, "response_metrics")
    _check_handoff(settings.handoff)


def _check_handoff(handoff: HandoffApi) -> None:
    keys, aliases = handoff.state_keys, handoff.aliases
    if len(keys) > MOST_KEYS:
        raise BadInput(f"handoff.state_keys: at most {MOST_KEYS} keys, not {len(keys):,}", field="handoff.state_keys")
    for key in keys:
        _check_name(key, "handoff.state_keys")
    if twice := _twice(keys):
        raise BadInput(f"handoff.state_keys: {twice!r} is there twice", field="handoff.state_keys")
    for key, alias in aliases.items():
        if key not in keys:
            raise BadInput(
                f"handoff.aliases: {key[:60]!r} is none of the state_keys, so nothing of it is told",
                field="handoff.aliases",
            )
        _check_name(alias, "handoff.aliases")
    if twice := _twice([aliases.get(key, key) for key in keys]):
        raise BadInput(f"handoff.aliases: two keys would be called {twice!r}", field="handoff.aliases")
    if handoff.shared_id_state_key is not None:
        _check_name(handoff.shared_id_state_key, "handoff.shared_id_state_key")


def _check_name(name: str, field: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or storable(name) != name:
        raise BadInput(f"{field}: a name has 1 to {LONGEST_NAME} characters, and {name[:60]!r} is none", field=field)


def _twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
