"""What a reader can use is in the pages, and what the pages name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi import FastAPI
from tests.docs.pages import PAGES, ROOT, anchors, links, prose

from postcall import errors, testing
from postcall.analyst.places import MOST_AT_ONCE, MOST_OF_ONE
from postcall.analyst.steps import StepKind
from postcall.analyst.themes.sampling import MOST_CALLS as MOST_READ
from postcall.analyst.themes.sampling import MOST_DAYS
from postcall.api.atoms.errors import AtomsError
from postcall.api.native import parameters, search, similar
from postcall.api.native.analyst import KEEP_ALIVE_S
from postcall.api.native.analyst_shapes import MAX_QUESTION, analysis_json
from postcall.api.native.routes import ROUTERS, add_native
from postcall.api.polyai.errors import MEANINGS
from postcall.api.question_format import AgentBody, VersionBody
from postcall.cli import app as cli
from postcall.configure.question_lint import Rule, Severity
from postcall.configure.question_templates import TEMPLATES, Group
from postcall.domain.agents import AnalyserChoice
from postcall.domain.analysis import Analysis, QuestionKind
from postcall.domain.answers import Answer, AnswerStatus, Extraction, Findings, Usage
from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, Environment, Role
from postcall.domain.conversations import EventKind
from postcall.domain.keys import Scope
from postcall.domain.labels import Verdict
from postcall.domain.questions import MAX_QUESTIONS, QuestionType
from postcall.domain.remarks import BadReason, RemarkKind
from postcall.domain.searching import MAX_TERMS
from postcall.domain.views import ExtractionState
from postcall.intake.call_format import MAX_TURNS, CallBody, EndBody, HandoffBody, MetricsBody, TurnBody, TurnsBody
from postcall.intake.service import MAX_KEY
from postcall.jobs.backoff import Backoff
from postcall.jobs.worker import LEASE_S
from postcall.samples import SAMPLE_COUNT
from postcall.settings import read_settings
from postcall.storage.analyst_threads import MAX_QUESTIONS as MAX_ASKED
from postcall.storage.analyst_threads import MAX_THREADS
from postcall.storage.requests import KEPT
from postcall.web.trying import MAX_CALLS

DOCS = ROOT / "docs"
_SETTING = re.compile(r"\bPOSTCALL_[A-Z_]*[A-Z]\b")
_ELSEWHERE = {"POSTCALL_SOAK", "POSTCALL_SHARED"}
"""Read by the tests, not by postcall."""


def page(name: str) -> str:
    return (ROOT / name).read_text()


def all_pages() -> str:
    return "\n".join(each.read_text() for each in PAGES)


def section(name: str, heading: str) -> str:
    """A page from one heading to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", page(name), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no section {heading!r}"
    return found[1]


def missing(names: Iterator[str] | list[str], text: str) -> list[str]:
    """The names that do not stand in the text as code."""
    return [name for name in names if not re.search(rf"[`\"]{re.escape(name)}[`\"]", text)]


def test_every_setting_is_in_the_table_and_every_named_setting_exists() -> None:
    files = ("settings.py", "endpoint_settings.py")
    source = "".join((ROOT / "src/postcall" / name).read_text() for name in files)
    known = set(_SETTING.findall(source))
    rows = {line.split("`")[1] for line in page("docs/running.md").splitlines() if line.startswith("| `POSTCALL_")}
    assert rows == known
    assert set(_SETTING.findall(all_pages())) - _ELSEWHERE <= known


def test_the_defaults_in_the_table_are_those_of_the_code() -> None:
    settings = read_settings({"POSTCALL_LLM_BASE_URL": "http://127.0.0.1/v1", "POSTCALL_LLM_MODEL": "any"})
    assert settings.model is not None
    defaults = {
        "POSTCALL_LLM_CONCURRENCY": settings.model.concurrency,
        "POSTCALL_LLM_TIMEOUT": settings.model.timeout_s,
        "POSTCALL_LLM_CONTEXT": settings.model.context_tokens,
        "POSTCALL_LIVE_SILENCE": settings.live_silence_s,
        "POSTCALL_ANALYST_REQUESTS": settings.analyst.requests,
        "POSTCALL_ANALYST_TOKENS": settings.analyst.tokens,
        "POSTCALL_ANALYST_SECONDS": settings.analyst.seconds,
        "POSTCALL_ANALYST_KEEP": settings.analyst_kept_days,
        "POSTCALL_MAX_BODY": settings.max_body_bytes,
    }
    for name, default in defaults.items():
        assert f"| `{name}` | {default:.0f} |" in page("docs/running.md")


def commands(command: Any, path: str = "postcall") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its words. Typer keeps a click of its own, whose types have no name."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")
    if not hasattr(command, "commands"):
        yield path, command


def all_commands() -> dict[str, Any]:
    found = dict(commands(typer.main.get_command(cli)))
    assert "postcall metrics set" in found  # else this looks at nothing
    return found


def test_every_command_and_option_is_described() -> None:
    text = page("docs/command-line.md")
    lacking = []
    for words, command in all_commands().items():
        if f"## {words}\n" not in text and f"`{words}" not in text:
            lacking.append(words)
        section = text.partition(f"## {' '.join(words.split()[:2])}\n")[2].partition("\n## ")[0]
        options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
        for option in options:
            if "--data" not in option.opts and not any(f"`{name}" in section for name in option.opts):
                lacking.append(f"{words} {option.opts[0]}")
    assert not lacking


def test_every_command_that_is_named_exists() -> None:
    known = set(all_commands())
    groups = {words.rpartition(" ")[0] for words in known}
    named = re.findall(r"`(postcall [a-z][a-z-]*(?: [a-z][a-z-]*)?)", all_pages())
    awkward = [each for each in named if each not in known | groups and each.rpartition(" ")[0] not in known]
    assert not awkward


def routes() -> set[str]:
    """The routes of the app's own description, which is what programs read."""
    app = FastAPI()
    add_native(app)
    return {
        f"{method.upper()} {path.replace('{call_id}', '{id}')}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


def test_every_route_is_in_the_table_and_every_named_route_exists() -> None:
    table = page("docs/calls-in.md").partition("## Every route\n")[2]
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`", table)) == routes()
    named = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /postcall/[^`?]+)", all_pages())
    assert set(named) <= routes()


def test_every_interface_of_the_app_is_looked_at() -> None:
    native = ROOT / "src/postcall/api/native"
    names = [file.stem for file in native.glob("*.py") if "APIRouter(" in file.read_text()]
    missing = [name for name in names if import_module(f"postcall.api.native.{name}").router not in ROUTERS]
    assert len(names) > 20
    assert not missing


@pytest.mark.parametrize(
    ("shape", "heading"),
    [
        (CallBody, "Fields of a call"),
        (HandoffBody, "Fields of a call"),
        (TurnBody, "Fields of a turn"),
        (TurnsBody, "A call while it is live"),
        (MetricsBody, "A call while it is live"),
        (EndBody, "A call while it is live"),
    ],
)
def test_every_field_of_a_call_is_described(shape: Any, heading: str) -> None:
    assert not missing(list(shape.__struct_encode_fields__), section("docs/calls-in.md", heading))


def test_every_field_of_a_version_is_described() -> None:
    named = {*AgentBody.__struct_encode_fields__, *VersionBody.__struct_encode_fields__}
    assert not missing(sorted(named), section("docs/questions.md", "Publishing"))


@pytest.mark.parametrize(
    "closed",
    [Role, CallStatus, Channel, Direction, DisconnectionReason, Environment, ExtractionState, Scope],
)
def test_every_value_of_a_calls_closed_sets_is_described(closed: type[StrEnum]) -> None:
    assert not missing(list(closed), page("docs/calls-in.md"))


@pytest.mark.parametrize("closed", [QuestionType, AnswerStatus, Verdict, AnalyserChoice, Rule, Severity, Group])
def test_every_value_of_an_answers_closed_sets_is_described(closed: type[StrEnum]) -> None:
    assert not missing(list(closed), page("docs/questions.md"))


@pytest.mark.parametrize("closed", [RemarkKind, BadReason])
def test_every_kind_of_remark_is_described(closed: type[StrEnum]) -> None:
    assert not missing(list(closed), section("docs/call-page.md", "Remarks and notes"))


@pytest.mark.parametrize("kind", [Extraction, Findings, Answer, Usage])
def test_every_field_of_an_answer_is_described(kind: type) -> None:
    unshown = {"call_id", "failure_code", "findings"}
    names = [each.name for each in fields(kind) if each.name not in unshown]
    assert not missing(names, section("docs/questions.md", "Answers"))


def descendants(error: type[errors.PostcallError]) -> Iterator[type[errors.PostcallError]]:
    for inner in error.__subclasses__():
        yield inner
        yield from descendants(inner)


def test_every_error_code_is_described_with_its_status() -> None:
    known: list[type[errors.PostcallError]] = [errors.PostcallError, *descendants(errors.PostcallError)]
    for error in known:
        if error is errors.SettingsError or issubclass(error, AtomsError):
            continue  # told at the start, and in an envelope without codes
        if issubclass(error, errors.ModelError):
            assert not missing([error.code], page("docs/models.md"))
        else:
            assert f"| {error.status} | `{error.code}` |" in page("docs/calls-in.md")


def test_every_error_of_the_chats_is_described_with_its_status() -> None:
    table = section("docs/conversations.md", "Errors")
    assert not [code for _, status, code in MEANINGS if f"| {status} | `{code}` |" not in table]


def test_every_kind_of_event_is_described() -> None:
    table = section("docs/conversations.md", "What happens in a call")
    assert not [kind for kind in EventKind if f"| `{kind}` |" not in table]


def test_every_step_and_key_of_the_analysts_answers_is_described() -> None:
    table = section("docs/analyst.md", "Over HTTP")
    answer = analysis_json(Analysis(answer="", kind=None, understood=""))
    assert not [kind for kind in StepKind if f"| `{kind}` |" not in table]
    assert not missing(list(answer), table)
    assert not [kind for kind in QuestionKind if f"| `{kind}` |" not in section("docs/analyst.md", "What can be asked")]


def test_every_filter_of_the_list_is_described() -> None:
    named = section("docs/calls-in.md", "Listing calls")
    assert not missing([*parameters._KNOWN, *parameters._EXTRACTION, "metric.NAME"], named)


def test_the_bounds_in_the_pages_are_those_of_the_code() -> None:
    calls_in = page("docs/calls-in.md")
    assert f"list, up to {MAX_TURNS:,}" in calls_in
    assert f"1 to {parameters.MAX_LIMIT}, default {parameters.read_limit({})}" in calls_in
    assert f"(up to {MAX_KEY} characters)" in calls_in
    assert f"1 to {search.MAX_FOUND}, default 20" in page("docs/searching.md")
    assert f"(1 to {similar.MAX_FOUND}, default 20) and `offset`" in page("docs/searching.md").replace("\n", " ")
    assert f"the first {MAX_TERMS} words and phrases" in page("docs/searching.md")
    assert f"for {KEPT.days} days" in calls_in
    assert f"up to {MAX_QUESTION:,} characters" in page("docs/analyst.md")
    assert f"up to {MAX_ASKED} questions fit into one" in page("docs/analyst.md").replace("\n", " ")
    assert f"its owner begins {MAX_THREADS} others" in page("docs/analyst.md").replace("\n", " ")
    assert f"| 429 | `too_many_questions` | {MOST_OF_ONE} questions of the same" in page("docs/analyst.md")
    assert f"| 503 | `analyst_busy` | the server answers {MOST_AT_ONCE} questions" in page("docs/analyst.md")
    assert f"comes every {KEEP_ALIVE_S:.0f} seconds" in page("docs/analyst.md").replace("\n", " ")
    assert f"sample of up to {MOST_READ} calls of the last {MOST_DAYS} days" in page("docs/analyst.md").replace(
        "\n", " "
    )
    assert f"Up to {MAX_QUESTIONS} questions" in page("docs/questions.md")
    assert f"{len(TEMPLATES)} templates to begin from" in page("docs/questions.md")
    assert f"up to {MAX_CALLS} calls that are over" in page("docs/questions.md").replace("\n", " ")
    assert f"at most {Backoff().attempts} are made" in page("docs/models.md")
    assert f"lease of {LEASE_S:.0f} seconds" in page("docs/running.md")
    assert f"{SAMPLE_COUNT:,} sample calls" in page("README.md")


def test_every_scripted_reply_is_described() -> None:
    about_requests = {"ModelRequest", "ReceivedMessage", "ScriptedReply", "filled"}
    text = page("docs/testing.md")
    assert not [name for name in testing.__all__ if name not in about_requests and name not in text]


@pytest.mark.parametrize("source", PAGES, ids=lambda each: each.stem)
def test_every_link_leads_somewhere(source: Path) -> None:
    for link in links(source):
        if link.startswith(("http://", "https://")):
            continue
        name, _, place = link.partition("#")
        target = (source.parent / name).resolve() if name else source
        assert target.exists(), f"{source.name}: {link}"
        assert not place or place in anchors(target), f"{source.name}: {link}"


def test_every_page_is_in_the_index_and_the_readme() -> None:
    for each in DOCS.glob("*.md"):
        if each.name != "index.md":
            assert f"]({each.name})" in page("docs/index.md")
            assert f"](docs/{each.name})" in page("README.md")


def test_every_folder_of_the_code_is_in_the_architecture() -> None:
    folders = [each.parent.name for each in (ROOT / "src/postcall").glob("*/__init__.py")]
    assert not missing([f"{name}/" for name in folders], page("docs/architecture.md"))


def test_every_file_that_the_architecture_names_exists() -> None:
    named = set(re.findall(r"`([a-z_]+/)?([a-z_]+\.py)`", prose(DOCS / "architecture.md")))
    files = {str(file.relative_to(ROOT / "src/postcall")) for file in (ROOT / "src/postcall").rglob("*.py")}
    assert not [folder + name for folder, name in named if not any(each.endswith(folder + name) for each in files)]


def test_every_measurement_is_described() -> None:
    names = re.findall(r'^    "(\w+)": \w+\.measure', (ROOT / "benchmarks/__main__.py").read_text(), re.MULTILINE)
    assert names
    assert not missing(names, page("docs/measurements.md"))


def test_images_are_small() -> None:
    images = list((DOCS / "images").glob("*.png"))
    assert images
    assert not [image.name for image in images if image.stat().st_size > 250_000]
