"""The project that is made of a prompt: its words arrive as they were written, whatever they are."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from postcall.domain.agents import PromptTool, ToolKind
from postcall.domain.folding import storable
from postcall.runtime.projects.archive import pack
from postcall.runtime.projects.loading import load_project
from postcall.runtime.projects.model import Project
from postcall.runtime.projects.prompt_project import prompt_files
from postcall.runtime.texts.references import Values, render

_MEANINGFUL = """\
{{ | }} | { | {{name}} | {{ name }} | {{vrbl:name}} | {{fn:start_function}} | {{tn:dollar}} | $ | $name | ${name} | $5
${{name}} | {{{name}}} | <channel:voice> | </channel> | <language:en> | </Language> | < | --- | : | - | # | ' | " | \\
&a | *a | !!python | %YAML
"""
_SPECIAL = st.sampled_from([*re.split(r" \| |\n", _MEANINGFUL), "\n", "\r\n", "\t", "\x00", "\x85"])
_PROMPT = st.lists(_SPECIAL | st.text(st.characters(codec="utf-8"), max_size=8), max_size=12).map("".join)


def a_prompt_project(prompt: str, greeting: str = "Hello.") -> Project:
    return load_project(pack(prompt_files(prompt, greeting, name="Ann")))


def rendered(text: str, project: Project, **variables: str) -> str:
    values = Values(
        state_texts=variables,
        variant={},
        entities={},
        translations=project.translations,
        language=project.default_language,
        default_language=project.default_language,
        channel="sip.polyai",
    )
    return render(text, values, project, flow=None).text


def test_variables_are_filled_in_and_nothing_stands_for_those_that_are_missing() -> None:
    project = a_prompt_project("You call {{ first_name }} about ${{amount}}.{{ nothing }}", "Hi {{first_name}}!")
    assert project.problems == ()
    assert rendered(project.rules, project, first_name="Ann", amount="100") == "You call Ann about $100."
    assert rendered(project.voice.greeting, project, first_name="Ann") == "Hi Ann!"


def test_what_a_project_would_understand_is_left_as_it_is() -> None:
    prompt = "Say $name, never {{fn:start_function}} or {{vrbl:name}}. <channel:chat>Not in a chat.</channel>"
    project = a_prompt_project(prompt)
    assert project.problems == ()
    assert rendered(project.rules, project, name="Ann") == prompt


@given(names=st.lists(_PROMPT, max_size=4), description=_PROMPT)
@example(names=["class", "start_function", "a b", "A_B", ""], description='"""\n\\')
def test_no_tool_breaks_the_project(names: list[str], description: str) -> None:
    kinds = [ToolKind.END_CALL, ToolKind.TRANSFER_CALL]
    tools = [PromptTool(kind, name, description, "+15550177") for name in names for kind in kinds]
    project = load_project(pack(prompt_files("Hello.", "Hi.", name="Ann", tools=tools)))
    assert project.problems == ()
    assert len(project.functions) == len(tools) + 1


@given(prompt=_PROMPT, greeting=_PROMPT)
@example(prompt="---\na: *b\n{{x}}: !!python/object", greeting="%YAML 1.1\n---")
@example(prompt="\ufeffx\x85\u2028y", greeting="\x07\x85\u2028\U0001f600")
def test_no_prompt_breaks_the_project(prompt: str, greeting: str) -> None:
    project = a_prompt_project(prompt, greeting)
    assert project.problems == ()
    said = rendered(project.rules, project, name="NAME")
    assert _words(said) == _words(_filled_in(prompt))
    assert _words(rendered(project.voice.greeting, project, name="NAME")) == _words(_filled_in(greeting))


def _filled_in(text: str) -> str:
    return re.sub(
        r"\{\{\s*([^\W\d][\w .-]{0,99}?)\s*\}\}",
        lambda found: "NAME" if found[1] == "name" else "",
        storable(text).removeprefix("\ufeff"),
    )


def _words(text: str) -> list[str]:
    """Without the white space at both ends, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
