"""What the model reads and may call, in each kind of moment of a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.runtime.texts.by_hand import BAKERY, ORDER, a_function, collected, values

from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.projects.model import Condition, Parameter, Project, Step
from postcall.runtime.texts.experimental import Llm, Prompts, Tuning
from postcall.runtime.texts.prompts import Prompt, build
from postcall.runtime.texts.tools import condition_tools
from postcall.runtime.texts.topics import Hit

HOURS, ALLERGIES = BAKERY.topics
HISTORY = (ChatMessage("assistant", "Hello!"), ChatMessage("user", "When are you open?"))


def built(project: Project = BAKERY, *, step: str | None = None, **given: Any) -> Prompt:
    defaults: dict[str, Any] = {
        "values": values(),
        "tuning": Tuning(),
        "step": ORDER.steps[step] if step else None,
        "flow": "Order" if step else None,
        "hits": [],
        "instruction": None,
        "messages": HISTORY,
    }
    return build(project, **{**defaults, **given})


def offered(prompt: Prompt) -> list[str]:
    return [tool.name for tool in prompt.tools]


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_the_system_prompt_stands_in_the_documented_order() -> None:
    project = replace(BAKERY, voice=replace(BAKERY.voice, style_prompt="Spell numbers."))
    tuning = Tuning(prompts=Prompts(voice_decorator="This is a call."))
    system = built(project, hits=[Hit(HOURS, 0.9)], tuning=tuning).messages[0]
    assert system.role == "system"
    parts = (
        "You are calm.",
        "the northern shop",
        "Say less. Orders: start_order.",
        "Spell numbers.",
        "This is a call.",
    )
    assert in_order(system.content, *parts, "Open from seven")


def test_the_history_follows_and_the_step_comes_last() -> None:
    prompt = built(step="What", instruction="Ask for a name.")
    assert prompt.messages[1:3] == HISTORY
    assert [message.content for message in prompt.messages[3:]] == [
        "Ask for a name.",
        "Ask what they want, then call take_order.",
    ]
    assert {message.role for message in prompt.messages[3:]} == {"system"}


def test_a_step_stands_between_header_and_footer() -> None:
    tuning = Tuning(prompts=Prompts(step_header="Now:", step_footer="Be brief."))
    last = built(step="What", tuning=tuning).messages[-1].content
    assert last == "Now:\n\nAsk what they want, then call take_order.\n\nBe brief."


def test_a_found_topic_shows_all_that_the_model_needs_of_it() -> None:
    system = built(hits=[Hit(HOURS, 0.9), HOURS]).messages[0].content
    assert in_order(system, "Opening hours", "When are you open?", "Open from seven", "Offer send_hours.")
    assert system.count("faq_id: ") == 1
    assert "Nuts" not in system


def test_the_texts_around_topics_are_the_projects_own_where_it_has_some() -> None:
    tuning = Tuning(prompts=Prompts(context_information_precursor="FIRST", context_information="<{topics_prompt}>"))
    system = built(hits=[HOURS], tuning=tuning).messages[0].content
    assert in_order(system, "FIRST", "<faq_id: Opening hours")


def test_disabled_and_excluded_topics_are_not_shown_even_if_found_earlier() -> None:
    assert "Open from seven" not in built(hits=[HOURS], disabled=["Opening hours"]).messages[0].content
    ragdoll = replace(Tuning().ragdoll, channel_topic_exclusions=("Opening hours",))
    hidden = built(hits=[HOURS], tuning=replace(Tuning(), ragdoll=ragdoll))
    assert "Open from seven" not in hidden.messages[0].content
    assert offered(hidden) == ["start_order"]


def test_another_language_is_asked_for() -> None:
    assert "German" in built(values=values(language="de-DE")).messages[0].content
    assert "English" not in built().messages[0].content
    tuning = Tuning(prompts=Prompts(language_switching_instructions="You speak {available_languages}."))
    assert "You speak English (en-US), German (de-DE)." in built(tuning=tuning).messages[0].content


def test_outside_flows_rules_and_found_topics_bring_their_functions() -> None:
    assert offered(built()) == ["start_order"]
    assert offered(built(hits=[HOURS])) == ["start_order", "send_hours"]


def test_in_an_advanced_step_its_own_functions_and_the_rules_are_offered() -> None:
    assert offered(built(step="What", hits=[HOURS])) == ["take_order", "start_order"]
    tuning = Tuning(llm=Llm(include_kb_functions_in_flows=True))
    assert offered(built(step="What", hits=[HOURS], tuning=tuning)) == ["take_order", "start_order", "send_hours"]


def test_functions_named_by_the_newest_result_are_offered_everywhere() -> None:
    extra = [BAKERY.functions["hang_up"]]
    assert offered(built(extra_tools=extra)) == ["start_order", "hang_up"]
    assert "hang_up" in offered(built(step="When", extra_tools=extra))


def test_functions_that_stand_in_a_state_text_are_offered() -> None:
    prompt = built(replace(BAKERY, rules="{{vrbl:rules}}"), values=values(state={"rules": "Use {{fn:hang_up}}."}))
    assert offered(prompt) == ["hang_up"]
    assert prompt.functions["hang_up"] is BAKERY.functions["hang_up"]


def test_nothing_to_offer_is_no_tool_at_all() -> None:
    assert built(replace(BAKERY, rules="Be nice.")).tools == ()


def test_of_two_functions_with_one_name_the_flows_own_is_called() -> None:
    prompt = built(replace(BAKERY, rules="{{fn:twin}} {{ft:twin}}"), step="What")
    assert prompt.functions["twin"].flow == "Order"
    assert offered(prompt).count("twin") == 1


def test_a_tool_has_its_parameters_all_required() -> None:
    spec = a_function("book", Parameter("people", "integer", "How many for $name."), Parameter("note", "odd", ""))
    tool = built(extra_tools=[spec], values=values(state={"name": "Ann"})).tools[-1]
    assert tool.parameters == {
        "type": "object",
        "properties": {"people": {"type": "integer", "description": "How many for Ann."}, "note": {"type": "string"}},
        "required": ["people", "note"],
        "additionalProperties": False,
    }


def test_a_default_step_offers_only_the_ways_out_that_are_open() -> None:
    closed = built(step="When")
    assert [condition.name for condition in closed.conditions.values()] == ["Gives up"]
    assert offered(closed) == list(closed.conditions)
    assert closed.functions == {}
    refused = built(step="When", entities={"day": collected("day", "Mon", valid=False)})
    assert [condition.name for condition in refused.conditions.values()] == ["Gives up"]
    open_now = built(step="When", entities={"day": collected("day", "2026-03-05")})
    assert [condition.name for condition in open_now.conditions.values()] == ["Day known", "Gives up"]


def test_a_default_step_shows_what_was_collected_and_what_was_refused() -> None:
    entities = {"day": collected("day", "2026-03-05")}
    last = built(step="When", entities=entities, entity_errors="pieces: no number").messages[-1].content
    assert in_order(last, "Ask for the day.", "day: 2026-03-05", "pieces: (not given", "pieces: no number")


def test_names_of_conditions_are_no_functions_names_and_differ() -> None:
    conditions = tuple(Condition(name, "x", "What") for name in ("Yes!", "Yes?", "はい", "a" * 200))
    by_name, tools = condition_tools(Step("s", "", "f", is_default=True, conditions=conditions), {})
    assert list(by_name.values()) == list(conditions)
    assert [tool.name for tool in tools] == list(by_name)
    for name in by_name:
        assert len(name) <= 64
        assert name.isascii()
        assert not name.isidentifier()
