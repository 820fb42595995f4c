"""What a project's files say reaches the runtime, in either generation of the format."""

from __future__ import annotations

from tests.runtime.project_builder import EXTRAS, MINIMAL, a_project

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.model import (
    Condition,
    Correction,
    DelayResponse,
    Disclaimer,
    LatencyControl,
    Parameter,
    Project,
)
from postcall.runtime.projects.reading import read_project


def read(files: dict[str, str | bytes | None] | None = None) -> Project:
    return read_project(a_project({**EXTRAS, **(files or {})}))


def test_who_the_agent_is() -> None:
    project = read()
    assert (project.project_id, project.account_id, project.name) == ("bakery", "default", "Corner Bakery")
    assert project.personality == "You are polite and calm.\nSpeaks in short sentences."
    assert project.role == "Your role: receptionist.\nYou answer the telephone of a bakery."
    assert project.rules.startswith("Offer to order with {{fn:start_order}}.")
    assert project.languages == ("en-US", "fr-FR")


def test_a_persona_stands_in_for_personality_and_role() -> None:
    project = read({"agent_settings/persona.txt": "You are Ada.\n"})
    assert (project.personality, project.role) == ("You are Ada.", "")


def test_a_free_personality_and_role_have_no_adjectives() -> None:
    project = read(
        {
            "agent_settings/personality.yaml": "adjectives:\n  Other: true\ncustom: Gruff.\n",
            "agent_settings/role.yaml": "value: other\ncustom: You bake.\n",
        }
    )
    assert (project.personality, project.role) == ("Gruff.", "You bake.")


def test_channels() -> None:
    project = read()
    assert project.voice.greeting == "Corner Bakery, how can I help?"
    assert project.voice.disclaimers == (Disclaimer("This call is recorded.", "en-US"),)
    assert project.voice.style_prompt == "Spell out numbers."
    assert project.chat.greeting == "Welcome to the bakery's chat."
    off = read(
        {"voice/configuration.yaml": MINIMAL["voice/configuration.yaml"].replace("enabled: true", "enabled: false")}
    )
    assert off.voice.disclaimers == ()


def test_functions_of_every_kind() -> None:
    project = read({"functions/helpers.py": "def tidy(text): return text.strip()\n"})
    kinds = {name: spec.kind for name, spec in project.functions.items()}
    assert kinds == {
        "start_function": FunctionKind.START,
        "end_function": FunctionKind.END,
        "start_order": FunctionKind.GLOBAL,
        "helpers": FunctionKind.UTILITY,
    }
    flow = project.flows["Order"]
    assert flow.function_steps["count_loaves"].kind is FunctionKind.STEP
    taking = flow.functions["take_order"]
    assert taking.kind is FunctionKind.TRANSITION
    assert (taking.module, taking.flow, taking.description) == (
        "flows.order.functions.take_order",
        "Order",
        "Note what the caller wants.",
    )
    assert taking.parameters == (
        Parameter("what", "string", "What they want."),
        Parameter("pieces", "integer", "How many of it."),
    )
    assert [spec.name for spec in project.functions.values() if spec.offered] == ["start_order"]


def test_decorators_are_read_beneath_foreign_ones() -> None:
    code = '''\
        import plog
        from _gen import *


        @func_description(
            "Wait "
            "a little."
        )
        @plog.tmp_bind(part="waiting")
        @func_parameter(description="How long.", name="seconds")
        @func_latency_control(
            delay_before_responses_start=1, silence_after_each_response=2.5, delay_responses=[("One moment.", 3)]
        )
        def wait(conv: Conversation, seconds: float):
            """Not this text."""
        '''
    spec = read({"functions/wait.py": code}).functions["wait"]
    assert (spec.description, spec.parameters) == ("Wait a little.", (Parameter("seconds", "number", "How long."),))
    assert spec.latency == LatencyControl(1.0, 2.5, (DelayResponse("One moment.", 3.0),))


def test_a_bare_function_is_offered_without_a_description_where_its_signature_can_be_shown() -> None:
    project = read({"functions/bare.py": "def bare(conv, what: str, late: bool): pass\n"})
    assert project.functions["bare"].offered
    assert [each.type for each in project.functions["bare"].parameters] == ["string", "boolean"]


def test_flows_are_known_by_their_name_and_not_their_folder() -> None:
    project = read({"flows/order/flow_config.yaml": "name: Bröt & more!\ndescription: All.\nstart_step: Ask what\n"})
    flow = project.flows["Bröt & more!"]
    assert (flow.folder, flow.start_step, set(flow.steps)) == ("order", "Ask what", {"Ask what", "Which size"})
    step = flow.steps["Which size"]
    assert (step.is_default, step.extracted_entities) == (True, ("size",))
    assert step.conditions == (
        Condition("known", "The size is known.", "Ask what", ("size",)),
        Condition("gave up", "They do not want anything.", None),
    )


def test_settings_of_a_step_are_kept_as_they_are() -> None:
    step = "name: Ask what\nprompt: x\nllm: {provider_model_id: m}\nvad: {vad_end: 3}\n"
    project = read({"flows/order/steps/ask_what.yaml": step})
    assert project.flows["Order"].steps["Ask what"].settings == {
        "llm": {"provider_model_id": "m"},
        "vad": {"vad_end": 3},
    }


def test_config_files() -> None:
    project = read()
    assert project.entities["size"].config == {"options": ["small", "large"]}
    baker = project.handoffs["Baker"]
    assert (baker.is_default, baker.sip_config["phone_number"], baker.sip_headers) == (
        True,
        "+15550001234",
        {"X-Reason": "$reason"},
    )
    assert project.sms_templates["thanks"].phone_numbers == {"live": "+15550001234"}
    assert project.translations == {"hello": {"en-US": "Hello", "fr-FR": "Bonjour"}}
    assert list(project.variants) == ["north", "south"]
    assert (project.default_variant, project.variants["south"]) == ("south", {"street": "Harbour Road"})
    assert project.api_integrations["till"].operations == {"pay": {"method": "POST", "resource": "/payments/{number}"}}
    assert project.corrections == (Correction("role", "roll", "partial"),)
    assert project.phrase_filters[0].function == "start_order"
    assert project.experimental == {"llm": {"include_kb_functions_in_flows": True}}
    assert project.real_time_configs["live"].data == {"open": True}


def test_without_a_default_the_first_variant_is_it() -> None:
    files: dict[str, str | bytes | None] = {"config/variant_attributes.yaml": "variants:\n- name: b\n- name: a\n"}
    assert read({**files, "flows/order/steps/which_size.yaml": None}).default_variant == "b"


def test_topics_of_one_variant_and_topics_without_a_name() -> None:
    project = read(
        {
            "topics/child_topics/north/parking.yaml": "name: Parking\ncontent: In the yard.\n",
            "topics/late_delivery.yml": "content: Sorry.\nenabled: false\n",
        }
    )
    assert {(each.name, each.variant, each.enabled) for each in project.topics} == {
        ("Opening hours", None, True),
        ("Parking", "north", True),
        ("late_delivery", None, False),
    }


def test_scalars_are_read_as_the_platform_reads_them() -> None:
    project = read({"topics/odd.yaml": "name: yes\ncontent: 007\nexample_queries: [on, 2024-01-02, 1.50, '~']\n"})
    odd = next(each for each in project.topics if each.file == "topics/odd.yaml")
    assert (odd.name, odd.content, odd.example_queries) == ("yes", "007", ("on", "2024-01-02", "1.50", "~"))


def test_windows_line_ends_a_byte_order_mark_and_aliases_change_nothing() -> None:
    plain = a_project(EXTRAS)
    windows = {file: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") for file, content in plain.items()}
    assert read_project(windows) == read_project(plain)
    project = read({"topics/twice.yaml": "name: &n Twice\ncontent: *n\nactions: |\n  a\n"})
    assert next(each for each in project.topics if each.name == "Twice").content == "Twice"


def test_empty_files_are_as_if_they_were_not_there() -> None:
    empty: dict[str, str | bytes | None] = {name: b"" for name in a_project(EXTRAS) if name != "project.yaml"}
    project = read(empty)
    assert not project.flows
    assert all("reference" not in problem.message for problem in project.problems)


def test_only_the_projects_own_code_is_kept_for_its_processes() -> None:
    project = read(
        {"_gen/__init__.py": "raise SystemExit\n", "tests/test_x.py": "import pytest\n", "context/notes.md": "x"}
    )
    assert "functions/start_order.py" in project.sources
    assert not [file for file in project.sources if file.startswith(("_gen", "tests"))]
    assert project.problems == ()
