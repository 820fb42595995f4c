"""What is wrong with a project is told with its file and line, and costs nothing but itself."""

from __future__ import annotations

import pytest
from tests.runtime.project_builder import EXTRAS, a_project

from postcall.errors import NotAProject
from postcall.runtime.projects.model import Project
from postcall.runtime.projects.reading import read_project

Files = dict[str, str | bytes | None]

FUNCTION = """\
from _gen import *


@func_description("Help.")
def help_out(conv: Conversation):
    {}
"""
IN_FLOW = "flows/order/functions/take_order.py"


def told(files: Files) -> list[str]:
    """The problems of the full project with these files over it."""
    return [str(problem) for problem in read_project(a_project({**EXTRAS, **files})).problems]


def in_function(line: str, file: str = "functions/help_out.py") -> list[str]:
    return told({file: FUNCTION.replace("help_out", file.rpartition("/")[2][:-3]).replace("{}", line)})


def test_a_project_in_which_nothing_is_wrong_has_no_problem() -> None:
    assert told({}) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no project.yaml, which says the project_id"),
        (b"", "project.yaml is not a mapping with a project_id"),
        (b"project_name: Bakery\n", "project.yaml has no project_id"),
        (b"project_id: ' '\n", "project.yaml has no project_id"),
        (b"a: [\n", "project.yaml, line 2: not YAML"),
        (b"\xff\xfe\x00", "project.yaml is not UTF-8"),
        (b"- bakery\n", "project.yaml is not a mapping with a project_id"),
    ],
)
def test_a_folder_that_does_not_say_which_project_it_is_is_refused(content: bytes | None, said: str) -> None:
    with pytest.raises(NotAProject) as refused:
        read_project(a_project({"project.yaml": content}))
    assert said in refused.value.message


REFERENCES: list[tuple[str, str, str]] = [
    (
        "agent_settings/rules.txt",
        "Be kind.\nUse {{fn:nothing}}.",
        ":2: {{fn:nothing}}: there is no global function 'nothing'",
    ),
    ("agent_settings/rules.txt", "{{ft:take_order}}", ":1: {{ft:take_order}} is not allowed in this place"),
    (
        "agent_settings/rules.txt",
        "{{fn:start_function}}",
        ":1: {{fn:start_function}} cannot be offered to a model: it is run",
    ),
    ("agent_settings/rules.txt", "{{ho:Butcher}}", ":1: {{ho:Butcher}}: there is no handoff 'Butcher'"),
    ("agent_settings/rules.txt", "{{twilio_sms:bye}}", ":1: {{twilio_sms:bye}}: there is no SMS template 'bye'"),
    ("agent_settings/rules.txt", "{{tn:bye}}", ":1: {{tn:bye}}: there is no translation 'bye'"),
    ("agent_settings/rules.txt", "{{attr:town}}", ":1: {{attr:town}}: there is no variant attribute 'town'"),
    ("agent_settings/rules.txt", "{{vrbl:town}}", ":1: {{vrbl:town}}: there is no variable that code sets 'town'"),
    ("agent_settings/rules.txt", "{{magic:town}}", ":1: {{magic:town}}: there is no such kind of reference"),
    (
        "topics/opening_hours.yaml",
        "name: Hours\ncontent: |-\n  Open.\n  Call {{fn:start_order}}.\n",
        ":4: {{fn:start_order}} is not allowed in this place",
    ),
    (
        "flows/order/steps/ask_what.yaml",
        "name: Ask what\nprompt: 'Call {{ft:nothing}}.'\n",
        ":2: {{ft:nothing}}: there is no function 'nothing' in the flow 'Order'",
    ),
    (
        "flows/order/steps/ask_what.yaml",
        "step_type: default_step\nname: Ask what\nprompt: 'Call {{ft:take_order}}.'\n",
        ":3: {{ft:take_order}} is not allowed in this place",
    ),
    (
        "flows/order/steps/ask_what.yaml",
        "name: Ask what\nprompt: '{{entity:colour}}'\n",
        ":2: {{entity:colour}}: there is no entity 'colour'",
    ),
    (
        "voice/configuration.yaml",
        "style_prompt:\n  prompt: 'Like {{attr:street}}.'\n",
        ":2: {{attr:street}} is not allowed in this place, nor is any reference",
    ),
]


@pytest.mark.parametrize(("file", "content", "said"), REFERENCES, ids=[said for _, _, said in REFERENCES])
def test_a_reference_to_nothing_or_in_the_wrong_place_is_told(file: str, content: str, said: str) -> None:
    assert len(told({file: content})) == 1
    assert told({file: content})[0].startswith(file + said)


def test_references_to_what_is_there_are_no_problem() -> None:
    rules = "{{fn:start_order}} {{ho:Baker}} {{twilio_sms:thanks}} {{tn:hello}} {{attr:street}}"
    rules += " $8.99 {{vrbl:order}} {{vrbl:size}}"
    assert told({"agent_settings/rules.txt": rules}) == []


def test_a_variable_whose_name_is_made_up_at_run_time_may_be_any() -> None:
    rules = {"agent_settings/rules.txt": "{{vrbl:anything}}"}
    assert len(told({**rules})) == 1
    assert told({**rules, "functions/setter.py": "def put(conv, name):\n    conv.state[name] = 1\n"}) == []


CODE: list[tuple[str, str]] = [
    ('conv.goto_flow("Bake")', "goto_flow: there is no flow 'Bake'"),
    ('conv.goto_flow("order")', "goto_flow: there is no flow 'order'; did you mean 'Order'?"),
    ('flow.goto_step("Pay")', "goto_step: no flow has a step 'Pay'"),
    ('flow.goto_step("Ask what" if conv else "Pay")', "goto_step: no flow has a step 'Pay'"),
    (
        'return {"transition": {"goto_flow": "Order", "goto_step": "Pay"}}',
        "goto_step: the flow 'Order' has no step 'Pay'",
    ),
    ('return {"transition": {"goto_flow": "Bake"}}', "goto_flow: there is no flow 'Bake'"),
    ('conv.call_handoff("Butcher")', "call_handoff: there is no handoff 'Butcher'"),
    ('conv.call_handoff(reason="x", destination="Butcher")', "call_handoff: there is no handoff 'Butcher'"),
    ('conv.send_sms_template("+1555", "bye")', "send_sms_template: there is no SMS template 'bye'"),
    ('conv.set_variant("west")', "set_variant: there is no variant 'west'"),
    ("conv.functions.nothing(1)", "conv.functions: there is no function 'nothing'"),
    ("import numpy", "'numpy' is not in the standard library, nor declared in requirements.txt"),
    ("from functions.nothing import x", "there is no module 'functions.nothing' in the project"),
    ("from functions.start_order import x", "functions.start_order has nothing named 'x'"),
    ("from .start_order import x", "functions.start_order has nothing named 'x'"),
    ("from ..... import x", "a relative import that leads out of the project"),
    ("from flows.order.functions import nothing", "flows.order.functions has nothing named 'nothing'"),
]


@pytest.mark.parametrize(("line", "said"), CODE, ids=[line for line, _ in CODE])
def test_a_name_in_code_that_stands_for_nothing_is_told(line: str, said: str) -> None:
    assert in_function(line) == [f"functions/help_out.py:6: {said}"]


@pytest.mark.parametrize(
    "line",
    [
        'conv.goto_flow("Order"); flow.goto_step("Ask what")',
        'flow.goto_step("count_loaves")',
        "flow.goto_step(conv.state.next_step)",
        'return {"goto_flow": conv.state.flow, "goto_step": "Ask what"}',
        'conv.call_handoff("baker")',
        'conv.call_handoff("DEFAULT")',
        'conv.call_handoff("default", "reason")',
        'conv.send_sms_template("+1555", conv.state.which)',
        "from functions.start_order import start_order, Conversation",
        "from functions.order.take_order import take_order",
        "from flows.order.functions.take_order import take_order",
        "from flows.order.function_steps import count_loaves",
        "import plog, requests, urllib3, jsonschema, pydantic, zoneinfo; from polyai.voice import ElevenLabsVoice",
        "try: import numpy\n    except ImportError: numpy = None",
        "conv.functions.start_order()",
    ],
)
def test_what_code_may_do_is_no_problem(line: str) -> None:
    assert in_function(line) == []


def test_in_a_flow_a_step_of_another_flow_is_told() -> None:
    other: Files = {
        "flows/bake/flow_config.yaml": "name: Bake\nstart_step: Knead\n",
        "flows/bake/steps/knead.yaml": "name: Knead\nprompt: Knead.\n",
    }
    code = 'def take_order(conv, flow, what: str):\n    flow.goto_step("Knead")\n'
    there = '    conv.goto_flow("Bake")\n'
    assert told({**other, IN_FLOW: code}) == [
        f"{IN_FLOW}:2: goto_step: the flow 'Order' has no step 'Knead' ('Bake' has one)"
    ]
    assert told({**other, IN_FLOW: code + there}) == []
    assert told({**other, IN_FLOW: code.replace('"Knead"', "STEP") + 'STEP = "ask what"\n'}) == [
        f"{IN_FLOW}:2: goto_step: the flow 'Order' has no step 'ask what'; did you mean 'Ask what'?"
    ]


def test_a_name_that_is_only_in_a_comment_is_no_problem() -> None:
    assert in_function('pass  # flow.goto_step("Type the next step here")') == []


def test_missing_targets_of_a_flow_are_told() -> None:
    step = EXTRAS["flows/order/steps/which_size.yaml"].replace("child_step: Ask what", "child_step: Pay")
    config = "name: Order\nstart_step: Begin\n"
    assert told({"flows/order/flow_config.yaml": config, "flows/order/steps/which_size.yaml": step}) == [
        "flows/order/flow_config.yaml:2: start_step: the flow 'Order' has no step 'Begin'",
        "flows/order/steps/which_size.yaml:9: child_step: the flow 'Order' has no step 'Pay'",
    ]


def test_a_default_step_may_lead_to_a_function_step() -> None:
    step = EXTRAS["flows/order/steps/which_size.yaml"].replace("child_step: Ask what", "child_step: count_loaves")
    assert told({"flows/order/steps/which_size.yaml": step}) == []


SIGNATURES = [
    ("what", "the parameter 'what' is not annotated as str, int, float or bool"),
    ("what: list[str]", "the parameter 'what' is not annotated as str, int, float or bool"),
    ('what: str = "x"', "a parameter has a default, and a model must give them all"),
    ("*what: str", "it takes any number of arguments"),
]


@pytest.mark.parametrize(("parameters", "said"), SIGNATURES)
def test_a_function_that_cannot_be_shown_to_a_model_is_for_code_only(parameters: str, said: str) -> None:
    code = f'@func_description("Help.")\ndef help_out(conv, {parameters}):\n    pass\n'
    files: Files = {"functions/help_out.py": code, "agent_settings/rules.txt": "{{fn:help_out}}"}
    project = read_project(a_project(files))
    assert not project.functions["help_out"].offered
    assert [str(each) for each in project.problems] == [
        f"agent_settings/rules.txt:1: {{{{fn:help_out}}}} cannot be offered to a model: {said}",
        f"functions/help_out.py:2: help_out cannot be offered to a model: {said}",
    ]


def test_a_helper_that_is_for_code_only_is_no_problem() -> None:
    assert told({"functions/help_out.py": "def help_out(conv, *anything):\n    pass\n"}) == []


def broken(files: Files) -> tuple[Project, list[str]]:
    project = read_project(a_project({**EXTRAS, **files}))
    return project, [str(problem) for problem in project.problems]


def test_code_that_is_not_python_costs_only_its_own_function() -> None:
    project, said = broken({"functions/start_order.py": "def start_order(conv):\n    return (\n"})
    assert (
        said[0] == "agent_settings/rules.txt:1: {{fn:start_order}} cannot be offered to a model: its file is not Python"
    )
    assert said[1] == "functions/start_order.py:2: not Python: '(' was never closed"
    assert project.flows["Order"].functions["take_order"].offered
    assert not project.functions["start_order"].offered


def test_broken_yaml_costs_only_its_own_file() -> None:
    project, said = broken({"topics/broken.yaml": "name: x\ncontent: [\n", "config/handoffs.yaml": "handoffs: many\n"})
    assert said == [
        "config/handoffs.yaml:1: `handoffs` is not a list",
        "topics/broken.yaml:3: not YAML: did not find expected node content",
    ]
    assert [topic.name for topic in project.topics] == ["Opening hours"]


def test_wrong_types_are_told_and_the_rest_is_taken() -> None:
    topic = "name: [a]\nenabled: perhaps\nexample_queries: many\ncontent: Bread.\n"
    project, said = broken({"topics/bread.yaml": topic})
    assert said == [
        "topics/bread.yaml:1: `name` is not a text",
        "topics/bread.yaml:2: `enabled` is not true or false",
        "topics/bread.yaml:3: `example_queries` is not a list",
    ]
    assert [(each.name, each.content) for each in project.topics if each.file == "topics/bread.yaml"] == [
        ("bread", "Bread.")
    ]


def test_of_two_things_with_one_name_the_first_counts() -> None:
    twice = "entities:\n- name: size\n  entity_type: date\n- name: size\n  entity_type: time\n"
    project, said = broken({"config/entities.yaml": twice, "topics/second.yaml": "name: Opening hours\ncontent: x\n"})
    assert said == [
        "config/entities.yaml:4: 'size' is there already; the first counts",
        "topics/second.yaml:1: the topic 'Opening hours' is in topics/opening_hours.yaml already, which counts",
    ]
    assert project.entities["size"].type == "date"


def test_an_entity_of_an_unknown_type_is_left_out() -> None:
    project, said = broken({"config/entities.yaml": "entities:\n- name: mood\n  entity_type: feeling\n"})
    assert said[0].startswith(
        "config/entities.yaml:3: the entity 'mood' has the unknown type 'feeling'; it can be one of"
    )
    assert "flows/order/steps/which_size.yaml:4: extracted_entities: there is no entity 'size'" in said
    assert not project.entities


def test_requirements_are_held_against_what_is_installed() -> None:
    installed = {"PyBread": frozenset({"bread"})}
    requirements = "# what we need\nPyBread[oven]>=1 ; python_version > '3'\nno-such-thing==1.0\n???\n"
    code = "import bread, no_such_thing, cake\n"
    files = a_project({"requirements.txt": requirements, "functions/helper.py": code})
    project = read_project(files, find_modules=installed.get)
    assert [str(problem) for problem in project.problems] == [
        "functions/helper.py:1: 'cake' is not in the standard library, nor declared in requirements.txt",
        "functions/helper.py:1: 'no_such_thing' is declared in requirements.txt and not installed here",
        "requirements.txt:3: no-such-thing is not installed here",
        "requirements.txt:4: '???' names no package",
    ]
    assert project.requirements == ("PyBread[oven]>=1 ; python_version > '3'", "no-such-thing==1.0")


def test_what_really_is_installed_is_found() -> None:
    assert told({"requirements.txt": "PyYAML\n", "functions/helper.py": "import yaml\n"}) == []


def test_decorators_that_are_no_literals_are_told() -> None:
    code = (
        "TEXT = 'x'\n@func_description(TEXT)\n@func_parameter('what', 'What.')\n"
        "@func_latency_control(delay_before_responses_start=99)\ndef help_out(conv): pass\n"
    )
    assert told({"functions/help_out.py": code}) == [
        "functions/help_out.py:2: func_description: it is read from the source, and so takes nothing but literals",
        "functions/help_out.py:3: func_parameter describes 'what', which help_out does not take",
        "functions/help_out.py:4: func_latency_control: `delay_before_responses_start` is not a number of seconds "
        "from 0 to 10",
    ]


def test_a_regular_expression_that_is_none_is_left_out() -> None:
    filters = "phrase_filtering:\n- name: x\n  regular_expressions: ['(', b]\n"
    project, said = broken({"voice/response_control/phrase_filtering.yaml": filters})
    assert said == ["voice/response_control/phrase_filtering.yaml:3: '(' is no regular expression"]
    assert project.phrase_filters[0].patterns == ("b",)


def test_real_time_settings_that_do_not_fit_their_schema_are_told() -> None:
    schema = '{"type": "object", "properties": {"open": {"type": "string"}}}'
    project, said = broken({"real_time_configuration/live/schema.json": schema})
    assert len(said) == 1
    assert said[0].startswith("real_time_configuration/live/data.json: data.open: ")
    assert not project.real_time_configs
