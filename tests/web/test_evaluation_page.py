"""The pages of evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser
from tests.builders import Desk, a_question, an_answer, some_turns
from tests.web.sites import Site, make_site, serving

from postcall.domain.answers import Evidence
from postcall.evaluation.labelled import LabelledCall, Scoring
from postcall.evaluation.report import Subject, make_report
from postcall.evaluation.running import Answered
from postcall.evaluation.saved import save_report, to_saved
from postcall.evaluation.table import HEADERS
from postcall.storage.database import open_record

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TURNS = some_turns("agent: Hello <b>there</b>.", "user: I would like to book a check-up.", "agent: שלום, no slots.")
SERVICES = a_question("service", "What was asked for?", "ENUM", choices=["check-up", "<img src=x>", "filling"])
PROBES = {
    "wide and light": (1280, "light"),
    "phone and dark": (360, "dark"),
}


def keep_run(folder: Path, *, wrong: int = 2, name: str = "clinic-march", source: str = "file") -> str:
    """A run over calls whose service was always taken for a check-up, and whose booking was told right."""
    booked = an_answer("booked", True)
    service = an_answer("service", "check-up", type="ENUM", evidence=(Evidence(1, "book a check-up"),))
    service = replace(service, reasoning="<script>alert(1)</script> said so")
    gold = ["check-up", "check-up", *["<img src=x>"] * wrong]
    answered = [
        Answered(
            LabelledCall(f"call-{number}", TURNS, MONDAY, {"service": value, "booked": True}), (booked, service), 5.0
        )
        for number, value in enumerate(gold)
    ]
    lost = LabelledCall("call-lost", TURNS, MONDAY, {"service": None, "booked": None})
    report = make_report(
        Subject(name, "model", "tiny <i>", source),
        [*answered, Answered(lost, (), None, fault="the endpoint is away")],
        [SERVICES, a_question()],
        {"service": Scoring(noise="low")},
        made_at=MONDAY,
        elapsed_s=1.0,
        notes=("a note to the reader",),
    )
    return save_report(folder, to_saved(report))


class Tables(HTMLParser):
    """The cells of every table of a page, row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


def test_without_any_run_the_page_says_how_to_make_one(site: Site) -> None:
    page = site.get("/evaluation")
    assert "postcall evaluate --calls" in page
    assert "postcall evaluate --labels" in page


def test_runs_are_listed_the_newest_first_and_linked(site: Site) -> None:
    runs = [keep_run(site.settings.data, name=name) for name in ("first", "second")]
    page = site.get("/evaluation")
    assert [row[0] for row in Tables(page).rows] == ["Name", "second", "first"]
    assert all(f'href="/evaluation/{run}"' in page for run in runs)
    assert "tiny &lt;i&gt;" in page


def test_a_damaged_run_does_not_cost_the_list(site: Site) -> None:
    keep_run(site.settings.data)
    (site.settings.data / "evaluations" / "20260101T000000Z-broken.json").write_text("{")
    assert "clinic-march" in site.get("/evaluation")
    assert site.client().get("/evaluation/20260101T000000Z-broken").status_code == 404


def test_the_page_shows_the_same_table_as_the_command(site: Site) -> None:
    run = keep_run(site.settings.data)
    page = site.get(f"/evaluation/{run}")
    header, service, booked = Tables(page).rows
    assert header == ["Question", "Labels", *(name for name, _ in HEADERS), "Remarks"]
    assert service[0].startswith("service")
    assert (service[1], booked[1]) == ("5", "5")
    assert service[2].startswith("40.0 "), "two of five are right"
    assert booked[2].startswith("80.0 ")
    assert "–" in service[2].split()[1], "with its interval"
    assert "noise of the labels: low" in service[-1]
    assert "a note to the reader" in page
    assert "the endpoint is away" in page


def test_the_json_of_a_run_has_the_figures_and_no_transcripts(site: Site) -> None:
    run = keep_run(site.settings.data)
    told = site.client().get(f"/evaluation/{run}.json").json()
    assert [metric["identifier"] for metric in told["metrics"]] == ["service", "booked"]
    assert told["calls"] == 5
    assert "check-up." not in str(told)


def test_a_question_s_page_shows_what_is_taken_for_what(site: Site) -> None:
    run = keep_run(site.settings.data)
    rows = Tables(site.get(f"/evaluation/{run}/service")).rows
    assert ["right \\ given", "check-up", "<img src=x>", "no value"] in rows
    assert ["check-up", "2", "0", "0"] in rows
    assert ["<img src=x>", "2", "0", "0"] in rows
    assert ["there is none", "0", "0", "1"] in rows


def test_wrong_answers_stand_beside_their_transcripts_with_the_evidence_marked(site: Site) -> None:
    page = site.get(f"/evaluation/{keep_run(site.settings.data)}/service")
    assert "3 wrong answers" in page
    assert page.count("<mark>book a check-up</mark>") == 2
    assert page.count("<details class=") >= 3, "each opens without script"
    assert "שלום, no slots." in page
    assert "the endpoint is away" in page
    assert "<img src=x>" not in page
    assert "<script>alert" not in page
    assert "<b>there</b>" not in page


def test_many_wrong_answers_come_in_pages(site: Site) -> None:
    run = keep_run(site.settings.data, wrong=44)
    seen = []
    for number, expected in ((1, 20), (2, 20), (3, 5), (99, 5)):
        page = site.get(f"/evaluation/{run}/service?page={number}")
        assert page.count('<details class="run wrong">') == expected
        seen.append("page=2" in page)
    assert seen == [True, False, True, True], "each links to its neighbours"
    assert site.client().get(f"/evaluation/{run}/service?page=0").status_code == 400
    assert site.client().get(f"/evaluation/{run}/service?page=x").status_code == 400


def test_calls_of_the_record_are_linked_and_those_of_a_file_are_not(site: Site) -> None:
    of_file = site.get(f"/evaluation/{keep_run(site.settings.data)}/service")
    of_labels = site.get(f"/evaluation/{keep_run(site.settings.data, source='labels')}/service")
    assert 'href="/calls/call-2"' not in of_file
    assert 'href="/calls/call-2"' in of_labels


@pytest.mark.parametrize("path", ["none", "..%2f..%2fapi-key", "20260302T093000Z-gone", "20260302T093000Z-gone/booked"])
def test_what_was_never_kept_is_not_here(site: Site, path: str) -> None:
    assert site.client().get(f"/evaluation/{path}").status_code == 404


def test_a_question_that_was_not_evaluated_is_not_here(site: Site) -> None:
    run = keep_run(site.settings.data)
    assert site.client().get(f"/evaluation/{run}/mood").status_code == 404


def test_from_another_address_the_pages_ask_who_one_is(site: Site) -> None:
    run = keep_run(site.settings.data)
    stranger = site.client(host="calls.example")
    for path in ("/evaluation", f"/evaluation/{run}", f"/evaluation/{run}/service"):
        assert stranger.get(path).headers["location"].startswith("/sign-in?")
    assert stranger.get(f"/evaluation/{run}.json").status_code == 401


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A served site with one run; its address, and the run's name."""
    folder = tmp_path_factory.mktemp("evaluated")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    run = keep_run(folder)
    with serving(make_site(Desk(record), folder).app) as served:
        yield served, run
    record.close()


@pytest.mark.browser
@pytest.mark.parametrize("look", PROBES)
@pytest.mark.parametrize("page", ["list", "run", "question"])
def test_every_reader_can_read_the_pages_on_every_screen(
    chromium: Browser, address: tuple[str, str], look: str, page: str
) -> None:
    served, run = address
    width, scheme = PROBES[look]
    path = {"list": "/evaluation", "run": f"/evaluation/{run}", "question": f"/evaluation/{run}/service"}[page]
    tab = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    try:
        tab.goto(served + path)
        for closed in tab.locator("details").all():
            closed.evaluate("node => { node.open = true }")
        sideways = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = Axe().run(tab)
    finally:
        tab.close()
    assert complaints == []
    assert sideways <= 0
    assert found.violations_count == 0, found.generate_report()
