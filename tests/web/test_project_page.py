"""The page of an agent's project."""

from __future__ import annotations

import json

from tests.builders import a_call
from tests.runtime.project_builder import EXTRAS, a_project
from tests.web.sites import Site

from postcall.runtime.projects.model import Problem
from postcall.runtime.publishing import push_project

PROBLEM = Problem("functions/<late>.py", 3, "cannot be imported: ValueError: <b>not today</b>")


def push(site: Site, files: dict[str, bytes], *problems: Problem, activate: bool = True) -> None:
    desk = site.desk
    desk.record.write(lambda c: push_project(c, desk.pk, files, problems, now=desk.clock(), activate=activate))


def test_the_page_shows_what_is_in_the_project_and_what_is_wrong(site: Site) -> None:
    push(site, a_project(EXTRAS), PROBLEM)
    page = site.get("/agents/bakery/project")
    assert "functions/&lt;late&gt;.py:3" in page
    assert "&lt;b&gt;not today&lt;/b&gt;" in page
    for words in (
        "Ask what",
        "starts here",
        "count_loaves",
        "Note what the caller wants.",
        "what: string, pieces: integer",
    ):
        assert words in page
    for words in ("Opening hours", "Baker (default)", "south (default)", "size (enum)", "may be offered"):
        assert words in page
    shown = json.loads(site.get("/agents/bakery/project.json"))
    assert shown["digest"][:12] in page
    assert shown["problems"] == [{"file": PROBLEM.file, "line": 3, "message": PROBLEM.message}]


def test_the_agents_page_leads_to_its_project(site: Site) -> None:
    push(site, a_project(), PROBLEM)
    page = site.get("/agents/bakery")
    assert 'href="/agents/bakery/project"' in page
    assert "1 problem" in page


def test_an_older_version_leads_to_its_own_project(site: Site) -> None:
    push(site, a_project())
    push(site, a_project(EXTRAS))
    version = site.get("/agents/bakery/versions/1")
    assert 'href="/agents/bakery/project?version=1"' in version
    assert "Baker (default)" not in site.get("/agents/bakery/project?version=1")
    assert "Baker (default)" in site.get("/agents/bakery/project")
    newer = site.get("/agents/bakery/versions/2")
    digest = json.loads(site.get("/agents/bakery/project.json"))["digest"]
    assert f"<ins>{digest[:12]}</ins>" in newer


def test_an_agent_without_a_project_has_no_such_page(site: Site) -> None:
    site.desk.hand_in(a_call())
    assert "Its project" not in site.get("/agents/clinic")
    assert site.client().get("/agents/clinic/project").status_code == 404


def test_a_function_whose_file_cannot_be_imported_is_marked_and_not_counted(site: Site) -> None:
    push(site, a_project(EXTRAS))
    before = json.loads(site.get("/agents/bakery/project.json"))
    spec = next(each for each in before["functions"] if each["offered"])
    marked = site.get("/agents/bakery/project").count("may be offered")
    push(site, a_project(EXTRAS), Problem(spec["file"], 1, "cannot be imported: ModuleNotFoundError: flour"))
    page = site.get("/agents/bakery/project")
    assert page.count("may be offered") == marked - 1
    assert "</span> cannot be imported</span>" in page
    after = json.loads(site.get("/agents/bakery/project.json"))
    assert [each["offered"] for each in after["functions"] if each["name"] == spec["name"]] == [False]
    assert after["summary"]["functions"] == before["summary"]["functions"] - 1
