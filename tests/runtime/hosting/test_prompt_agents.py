"""Agents that are one prompt: hosted like every other, with the variables of the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import Stage, now, take

from postcall.domain.agents import PromptTool, ToolKind, VersionConfig
from postcall.domain.calls import Direction, DisconnectionReason, Handoff
from postcall.hosts import open_hosting
from postcall.runtime.hosting import OpenCall
from postcall.runtime.hosting.opening import VOICE
from postcall.runtime.prompt_agents import with_project
from postcall.services import Services
from postcall.settings import ModelSettings
from postcall.storage.agents import create_agent
from postcall.storage.database import Record
from postcall.storage.projects import find_project
from postcall.testing import Calls, Says, ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(default=Says("Gladly.")) as scripted:
        yield scripted


@pytest.fixture
def stage(record: Record, tmp_path: Path, model: ScriptedModel) -> Stage:
    return Stage(record, tmp_path, model.url)


def made(stage: Stage, prompt: str, greeting: str = "", **fields: Any) -> str:
    """An agent that is this prompt; its slug."""
    config = VersionConfig(prompt=prompt, greeting=greeting, **fields)
    pk = stage.desk.pk

    def make(connection: Any) -> str:
        whole = with_project(connection, pk, "Ann", config, now=now())
        assert whole.project is not None
        assert find_project(connection, pk, whole.project).problems == ()
        return create_agent(connection, pk, slug="ann", name="Ann", config=whole, now=now()).slug

    return stage.record.write(make)


def talk(
    stage: Stage, slug: str, *words: str, variables: Mapping[str, Any] | None = None, **settings: Any
) -> list[str]:
    """A call; what the agent said in each of its turns."""
    services = stage.services
    assert services.settings.model is not None
    changed = replace(services.settings, model=replace(services.settings.model, **settings))

    async def converse() -> list[str]:
        hosting = open_hosting(Services(services.record, changed, services.clock))
        try:
            opening = OpenCall(
                channel=VOICE,
                direction=Direction.OUTBOUND,
                from_number="+15550100",
                to_number="+15550101",
                attributes={"variables": dict(variables or {})},
            )
            call = await hosting.open(stage.desk.pk, slug, opening)
            said = [await take(call.start())]
            return said + [await take(call.hear(each)) for each in words]
        finally:
            await hosting.close()

    return run_aside(converse())


def test_a_prompt_with_the_variables_of_the_call_is_what_the_model_reads(stage: Stage, model: ScriptedModel) -> None:
    slug = made(stage, "You call {{first name}} about ${{amount}}. Say $5, {{fn:x}}.{{unset}}", "Hello {{first name}}!")
    said = talk(stage, slug, "Yes?", variables={"first name": "Ann", "amount": 120})
    assert said == ["Hello Ann!", "Gladly."]
    [request] = model.requests
    assert request.messages[0].content == "You call Ann about $120. Say $5, {{fn:x}}."


def test_without_a_greeting_the_model_begins(stage: Stage, model: ScriptedModel) -> None:
    slug = made(stage, "You are {{name}}.")
    assert talk(stage, slug, "Yes?", variables={"name": "Ann"}) == ["Gladly.", "Gladly."]
    assert model.requests[0].messages[0].content == "You are Ann."
    [row] = stage.desk.page().rows
    turns = stage.desk.read(row.call.id).turns
    assert [(turn.role.value, turn.text) for turn in turns] == [
        ("agent", "Gladly."),
        ("user", "Yes?"),
        ("agent", "Gladly."),
    ]


def test_a_prompt_with_tools_ends_the_call_and_passes_it_on(stage: Stage, model: ScriptedModel) -> None:
    tools = (
        PromptTool(ToolKind.END_CALL, "End call!", 'When they say "bye".'),
        PromptTool(ToolKind.TRANSFER_CALL, "human", "", "+15550177"),
    )
    slug = made(stage, "You are Ann.", "Hello.", tools=tools)
    model.when_user("bye", offered="end_call").reply(Calls("end_call"))
    model.when_user("person", offered="human").reply(Calls("human"))
    talk(stage, slug, "bye")
    [offered] = {tuple(request.tool_names) for request in model.requests}
    assert sorted(offered) == ["end_call", "human"]
    talk(stage, slug, "A person, please")
    ends = [(row.call.details.disconnection_reason, row.call.details.handoff) for row in stage.desk.page().rows]
    assert set(ends) == {
        (DisconnectionReason.AGENT_HANGUP, None),
        (DisconnectionReason.HANDOFF, Handoff("human", "human")),
    }


def kept(stage: Stage, config: VersionConfig) -> VersionConfig:
    pk = stage.desk.pk
    return stage.record.write(lambda c: with_project(c, pk, "Ann", config, now=now()))


def test_the_same_prompt_is_kept_once(stage: Stage) -> None:
    one = kept(stage, VersionConfig(prompt="A"))
    assert one == kept(stage, VersionConfig(prompt="A"))
    assert one.project != kept(stage, VersionConfig(prompt="B")).project


def test_an_agent_without_a_prompt_is_left_as_it_is(stage: Stage) -> None:
    for config in (VersionConfig(project="0" * 64), VersionConfig()):
        assert kept(stage, config) == config


@pytest.mark.parametrize(
    ("named", "settings", "asked"),
    [
        pytest.param(None, {}, "scripted", id="the one model"),
        pytest.param("electron", {"agent_model": "talker"}, "talker", id="that of all agents"),
        pytest.param(
            "electron", {"agent_model": "talker", "agent_models": {"electron": "small"}}, "small", id="its own"
        ),
        pytest.param("gpt-4o", {"agent_models": {"electron": "small"}}, "scripted", id="a name nobody explained"),
    ],
)
def test_an_agent_converses_with_the_model_that_its_name_stands_for(
    stage: Stage, model: ScriptedModel, named: str | None, settings: dict[str, Any], asked: str
) -> None:
    slug = made(stage, "You are Ann.", "Hello.", agent_model=named)
    talk(stage, slug, "Yes?", **settings)
    assert [request.model for request in model.requests] == [asked]


def test_settings_of_one_model_ask_that_model() -> None:
    settings = ModelSettings(base_url="http://127.0.0.1:1/v1", model="one", api_key="none")
    assert settings.model_of_agent(None) == settings.model_of_agent("electron") == "one"
