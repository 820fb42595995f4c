"""Whatever is in a project's files, reading it ends, soon, with a project or with BadInput."""

from __future__ import annotations

import time
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.project_builder import EXTRAS, MINIMAL, a_project

from postcall.errors import BadInput
from postcall.runtime.projects.archive import digest_of, pack, unpack
from postcall.runtime.projects.model import Project
from postcall.runtime.projects.reading import read_project

FULL = a_project(EXTRAS)
FILES = sorted(FULL)
SPLICES = st.sampled_from(
    [
        b"",
        b"\x00",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\r\n",
        b"\t",
        b"[[[[",
        b"{{{{",
        b"&a [*a]",
        b"&a",
        b"*a",
        b"<<: *a",
        b"? - : ",
        b"- - - -",
        b"---\n",
        b"!!python/object:os.system {}",
        b"!!binary x",
        b"'",
        b'"\\ud800"',
        b'"\\0"',
        b": ",
        b"1e999",
        b"9" * 400,
        b"((((((((",
        b"lambda: ",
        b"@func_description(x)\n",
        b"@func_parameter(1, 2)\n",
        b"@func_latency_control(1, *[2], **{}, delay_responses=[(1, 2), 3])\n",
        b"flow.goto_step({**a})\n",
        b"{**{}, 'goto_step': [1]}\n",
        b"from ..... import x\n",
        b"from . import *\n",
        b"import a.b.c as d\n",
        b"match x:\n  case [*a, {**b}]: pass\n",
        b"conv.state[x] = 1\n",
        "ünïcode 🥐".encode(),
        b"{{fn:}} {{:x}} {{ho:x}} ${ $",
        b"null",
        b"true",
        b"-1",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, bytes]:
    """The full project with some of its files cut, spliced, swapped or taken away."""
    files = dict(FULL)
    for _ in range(draw(st.integers(1, 4))):
        file = draw(st.sampled_from(FILES))
        content = files.get(file, b"")
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        match draw(st.sampled_from(["splice", "noise", "swap", "remove", "repeat"])):
            case "splice":
                files[file] = content[:start] + draw(SPLICES) + content[end:]
            case "noise":
                files[file] = content[:start] + draw(st.binary(max_size=20)) + content[end:]
            case "swap":
                files[file] = files.get(draw(st.sampled_from(FILES)), b"")
            case "remove":
                files.pop(file, None)
            case "repeat":
                files[file] = content[:end] + content[start:end] * draw(st.integers(1, 30)) + content[end:]
    return files


def test_the_whole_project_has_no_problem() -> None:
    assert read_project(FULL).problems == ()


@settings(max_examples=300)
@given(mutated())
def test_a_mutated_project_is_read_or_refused(files: dict[str, bytes]) -> None:
    try:
        project = read_project(files)
    except BadInput:
        return
    assert isinstance(project, Project)
    for problem in project.problems:
        assert problem.message.isprintable()
        assert problem.line is None or problem.line >= 1


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.text(max_size=200))
def test_any_text_in_any_file_is_read_or_refused(file: str, text: str) -> None:
    try:
        read_project({**FULL, file: text.encode("utf-8", "surrogatepass")})
    except BadInput:
        assert file == "project.yaml"


@settings(max_examples=50)
@given(mutated())
def test_what_is_packed_is_what_is_unpacked(files: dict[str, bytes]) -> None:
    assert unpack(pack(files)) == dict(sorted(files.items()))
    assert pack(files) == pack(dict(reversed(files.items())))
    assert digest_of(files) == digest_of(unpack(pack(files)))


LEVELS = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
EVIL = {
    "aliases of aliases": f"l0: &l0 [x, x]\n{LEVELS}\nname: boom\n",
    "many brackets": "name: " + "[" * 500_000,
    "many braces": "name: " + "{a: " * 300_000,
    "many dashes": "- " * 500_000,
    "many questions": "? " * 300_000,
    "a long key": "k" * 1_000_000 + ": 1",
    "many anchors": "".join(f"k{n}: &a{n} 1\n" for n in range(60_000)),
    "many quotes": '"' * 500_001,
    "a long number": "name: " + "9" * 1_000_000,
    "many references": "name: x\nactions: '" + "{{fn:nothing}} {{" * 80_000 + "'\n",
    "many different references": "name: x\nactions: '" + " ".join(f"{{{{fn:f{n}}}}}" for n in range(50_000)) + "'\n",
}


@pytest.mark.parametrize("name", EVIL)
def test_a_file_made_to_hang_the_reader_does_not(name: str) -> None:
    started = time.thread_time()
    project = read_project(a_project({"topics/evil.yaml": EVIL[name]}))
    assert time.thread_time() - started < 10
    assert "start_order" in project.functions
    if not name.startswith(("many anchors", "a long")):
        assert [each.file for each in project.problems][:1] == ["topics/evil.yaml"]


DEEP_CODE = {
    "parentheses": "x = " + "(" * 5_000 + ")" * 5_000,
    "minus signs": "x = " + "-" * 100_000 + "1",
    "a sum": "x = " + "+".join(["1"] * 100_000),
    "attributes": "x = a" + ".b" * 100_000,
    "calls": "x = f" + "()" * 50_000,
    "conditions": "x = " + "a if b else " * 20_000 + "c",
    "text in pieces": "@func_description(" + "+".join(['"a"'] * 20_000) + ")\ndef evil(conv): pass\n",
    "nested functions": "\n".join(" " * n + "def f():" for n in range(90)) + " pass",
    "lists": "@func_description(" + "[" * 150 + "]" * 150 + ")\ndef evil(conv): pass\n",
    "a subject of many": "x = " + "{" + ", ".join(f"'goto_step': 's{n}'" for n in range(20_000)) + "}",
}


@pytest.mark.parametrize("name", DEEP_CODE)
def test_code_made_to_exhaust_the_reader_does_not(name: str) -> None:
    started = time.thread_time()
    project = read_project(a_project({"functions/evil.py": DEEP_CODE[name]}))
    assert time.thread_time() - started < 10
    assert "start_order" in project.functions


def test_the_minimal_project_is_one() -> None:
    assert all(PurePosixPath(file).parts for file in MINIMAL)
    assert read_project(a_project()).problems == ()
