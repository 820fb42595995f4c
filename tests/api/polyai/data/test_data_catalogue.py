"""GET /api/v1/metrics: what can be asked about."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.polyai.data.world import World, found, told

from postcall.domain.keys import Scope


def metrics(client: httpx.Client, **query: str) -> dict[str, dict[str, Any]]:
    shown = found(client.get("/metrics", params=query))
    assert shown["total"] == len(shown["metrics"])
    assert all(list(each) == ["name", "type", "description", "values"] for each in shown["metrics"])
    return {each["name"]: each for each in shown["metrics"]}


def test_the_catalogue_has_what_is_defined_asked_built_in_and_written(reader: httpx.Client) -> None:
    known = metrics(reader)
    assert known["PLAN"] == {
        "name": "PLAN", "type": "string", "description": "The caller's plan.", "values": ["gold", "silver"],
    }  # fmt: skip
    assert (known["PRICE"]["type"], known["BOOKED"]["type"]) == ("float", "bool")
    assert known["reason"]["type"] == "string" and known["reason"]["description"] == "Why did they call?"
    assert known["duration"]["type"] == "float" and known["CSAT_SCORE"]["type"] == "int"
    assert [name.casefold() for name in known] == sorted(name.casefold() for name in known)


def test_a_name_is_there_only_where_project_and_definition_show_it(reader: httpx.Client) -> None:
    assert "INTERNAL" not in metrics(reader), "its definition keeps it out of interfaces"
    assert "PIN" not in metrics(reader), "the bank does not show it"
    assert list(metrics(reader, project_id="bank")) == ["PLAN"]
    assert "PRICE" in metrics(reader, project_id="clinic")


def test_a_key_for_one_agent_hears_of_no_other(world: World) -> None:
    with world.client(Scope.CONVERSATIONS, agents=("bank",)) as client:
        assert list(metrics(client)) == ["PLAN"]
        theirs = told(client.get("/metrics", params={"project_id": "clinic"}), 404)
        assert theirs.replace("clinic", "nobody") == told(client.get("/metrics", params={"project_id": "nobody"}), 404)


def test_unknown_parameters_are_named(reader: httpx.Client) -> None:
    assert "['query', 'project']" in told(reader.get("/metrics", params={"project": "clinic"}), 422)
