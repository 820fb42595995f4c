"""The list of calls shows what is known of a call because postcall placed it, and filters by it."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import urlencode

from tests.builders import a_call
from tests.reporting.placing import a_campaign, place
from tests.web.sites import Site

COLUMNS = ("campaign", "campaign_id", "attempt", "cost", "placed", "user_number", "minute")


def test_the_file_of_a_list_has_what_is_known_of_placed_calls(site: Site) -> None:
    spring = a_campaign(site.desk, "Spring")
    place(site.desk, "a", to="+491", campaign=spring, attempt=1, cost=0.25)
    site.desk.hand_in(a_call("b", from_number="+492"))
    columns = urlencode([("columns", f"field.{name}") for name in COLUMNS])
    found = list(csv.DictReader(io.StringIO(site.client().get(f"/calls.csv?{columns}").text)))
    assert [{name: row[name] for name in COLUMNS} for row in sorted(found, key=lambda row: row["id"])] == [
        dict(zip(COLUMNS, ("Spring", spring, "1", "0.25", "true", "+491", "660"), strict=True)),
        dict(zip(COLUMNS, ("", "", "", "", "false", "+492", "660"), strict=True)),
    ]
    only = json.dumps({"field": "field.campaign", "op": "eq", "value": "Spring"})
    page = site.get(f"/calls?{urlencode([('filters', only), ('columns', 'field.campaign')])}")
    assert 'id="row-a"' in page and 'id="row-b"' not in page
    assert "Campaign is Spring" in page or "campaign is Spring" in page
