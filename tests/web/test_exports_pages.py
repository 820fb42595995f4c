"""The pages of exports: asking for one, how it goes, its files, and its end."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.aside import run_aside
from tests.builders import Desk, a_call
from tests.web.sites import Site
from tests.web.visitors import OURS, add, sign_in, signed_in, visitor

from postcall.domain.exports import Export, ExportFormat, ExportState
from postcall.domain.people import Role
from postcall.exporting.job import MakeExport
from postcall.storage.exports import EXPORT, fail_export, forget_old_exports, list_exports, take_up_export
from postcall.storage.jobs import claim_jobs
from postcall.web.exports_view import size

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def newest(desk: Desk) -> Export:
    return desk.record.read(lambda c: list_exports(c, desk.pk, 10))[0]


def ask(site: Site, **fields: object) -> str:
    """Its address."""
    reply = site.client().post("/exports", data={"format": "csv", **fields}, headers=SAME_ORIGIN)
    assert reply.status_code == 303, reply.text
    return str(reply.headers["location"])


def work(desk: Desk) -> None:
    """Make what was asked for, as the worker does."""
    handler = MakeExport(desk.record, keep=timedelta(days=7), clock=desk.clock)
    for job in desk.record.write(lambda c: claim_jobs(c, EXPORT, limit=10, lease_s=60, now=desk.clock())):
        store = run_aside(handler.run(job))
        desk.record.write(store)


def test_without_any_the_page_says_what_they_are(site: Site) -> None:
    page = site.get("/exports")
    assert "No exports yet" in page and "Make the export" in page and 'href="/exports"' in site.get("/calls")


def test_one_is_asked_for_made_and_downloaded(site: Site) -> None:
    site.desk.hand_in(a_call(metrics={"CITY": "Bern"}))
    here = ask(site, transcripts="yes")
    waiting = site.get(here)
    assert "waiting for a worker" in waiting and "<progress" in waiting and "Files</h2>" not in waiting
    assert "with transcripts" in site.get("/exports")
    work(site.desk)
    page = site.get(here)
    assert "finished" in page and "1 call" in page and "data-every" not in page
    files = re.findall(r'<a href="([^"]+/files/[^"]+)" download>', page)
    assert len(files) > 2
    client = site.client()
    for path in files:
        reply = client.get(path)
        assert reply.status_code == 200 and reply.headers["content-disposition"].startswith("attachment")
        assert path.endswith("/manifest.json") or hashlib.sha256(reply.content).hexdigest() in page
    [calls] = [client.get(path).text for path in files if "/calls" in path]
    assert "Bern" in calls and "call-1" in calls
    manifest = json.loads(client.get(f"{here}/files/manifest.json").text)
    assert manifest["calls"] == 1
    assert client.get(f"{here}/files/nothing.csv").status_code == 404


def test_only_what_has_changed_since_can_be_asked_for(site: Site) -> None:
    site.desk.hand_in(a_call())
    here = ask(site)
    early = site.client().post(f"{here}/next", headers=SAME_ORIGIN)
    assert early.status_code == 400, "it is not finished"
    work(site.desk)
    site.desk.clock.advance(60)
    site.desk.hand_in(a_call("call-2"))
    again = site.client().post(f"{here}/next", headers=SAME_ORIGIN)
    assert again.status_code == 303
    work(site.desk)
    page = site.get(again.headers["location"])
    assert "only what changed" in page and f'href="{here}"' in page
    manifest = newest(site.desk).manifest
    assert manifest and manifest.calls == 1


def test_it_is_cancelled_and_deleted_by_buttons(site: Site) -> None:
    site.desk.hand_in(a_call())
    here, client = ask(site), site.client()
    assert client.post(f"{here}/cancel", headers=SAME_ORIGIN).status_code == 303
    page = site.get(here)
    assert "cancelled" in page and "It ended before there were any" in page
    assert "Delete this export?" in site.get(f"{here}/delete")
    assert client.post(f"{here}/delete", headers=SAME_ORIGIN).status_code == 303
    assert client.get(here).status_code == 404 and "No exports yet" in site.get("/exports")


def test_one_that_failed_says_why_and_old_files_are_gone(site: Site) -> None:
    here = ask(site)
    made = newest(site.desk)
    now = site.desk.clock()
    site.desk.record.write(lambda c: take_up_export(c, made.id, now=now))
    site.desk.record.write(lambda c: fail_export(c, made.id, "the <disk> is full", now=now))
    assert "It failed: the &lt;disk&gt; is full" in site.get(here)
    assert "the &lt;disk&gt; is full" in site.get("/exports")
    finished = ask(site, format="jsonl")
    work(site.desk)
    site.desk.clock.advance(8 * 86_400)
    site.desk.record.write(lambda c: forget_old_exports(c, now=site.desk.clock()))
    assert newest(site.desk).state is ExportState.EXPIRED
    page = site.get(finished)
    assert "have been thrown away" in page and " download>" not in page


def test_the_form_says_which_calls(site: Site) -> None:
    site.desk.hand_in(a_call())
    ask(site, format="parquet", agent=["clinic"], since="2026-03-01T00:00", until="2026-03-02T00:00")
    wanted = newest(site.desk).wanted
    assert (wanted.format, wanted.agents, wanted.transcripts) == (ExportFormat.PARQUET, ("clinic",), False)
    assert wanted.since and wanted.until and wanted.until - wanted.since == timedelta(days=1)
    assert "clinic; from 1 Mar 2026, 00:00 until 2 Mar 2026, 00:00" in site.get("/exports")


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"format": "xls"}, 400, "there is csv, jsonl, parquet"),
        ({"since": "soon"}, 400, "is no date and time"),
        ({"since": "2026-03-02T00:00", "until": "2026-03-01T00:00"}, 400, "must be later than since"),
        ({"agent": "nobody"}, 404, "there is no agent"),
    ],
    ids=["format", "time", "wrong way round", "agent"],
)
def test_a_form_with_a_fault_comes_back_and_makes_nothing(
    site: Site, fields: dict[str, str], status: int, said: str
) -> None:
    form = {"format": "jsonl", "transcripts": "yes", **fields}
    reply = site.client().post("/exports", data=form, headers=SAME_ORIGIN)
    assert reply.status_code == status and said in reply.text
    assert re.search(r'name="transcripts" value="yes" checked', reply.text)
    assert site.desk.record.read(lambda c: list_exports(c, site.desk.pk, 10)) == ()


def test_readers_download_and_make_none(site: Site) -> None:
    site.desk.hand_in(a_call())
    here = ask(site)
    work(site.desk)
    reader = signed_in(site, Role.READER)
    assert "Make the export" not in reader.get("/exports").text and "Delete" not in reader.get(here).text
    assert reader.get(f"{here}/files/manifest.json").status_code == 200
    for path in ("/exports", f"{here}/next", f"{here}/cancel", f"{here}/delete"):
        assert reader.post(path, data={"format": "csv"}, headers=OURS).status_code == 403
    assert reader.get(f"{here}/delete").status_code == 403


def test_another_accounts_exports_are_not_there(site: Site) -> None:
    site.desk.hand_in(a_call())
    here = ask(site)
    work(site.desk)
    other = replace(site, desk=Desk(site.desk.record, site.desk.clock, account="other"))
    client = visitor(other)
    sign_in(client, add(other, Role.ADMIN).email)
    assert "No exports yet" in client.get("/exports").text
    for path in (here, f"{here}/files/manifest.json", f"{here}/delete"):
        assert client.get(path).status_code == 404
    for path in (f"{here}/next", f"{here}/cancel", f"{here}/delete"):
        assert client.post(path, headers=OURS).status_code == 404
    assert newest(site.desk).state is ExportState.FINISHED


def test_sizes_are_said_in_units_that_fit() -> None:
    assert [size(number) for number in (0, 1, 999, 1_000, 1_550_000, 10**9, 10**16)] == [
        "0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.6 MB", "1.0 GB", "10000.0 TB"
    ]  # fmt: skip
