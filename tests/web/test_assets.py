"""What a page loads: little, from nowhere else, and installed as the lock says."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.conftest import miss
from tests.web.tile_gallery import every_tile, make_gallery

from postcall.web.render import STATIC_FOLDER

ROOT = Path(__file__).parents[2]
VENDOR = STATIC_FOLDER / "vendor"
BUDGET = 300_000
VOCABULARIES = "http://www.w3.org/"
"""Names of XML's vocabularies look like addresses; nobody fetches them."""


@pytest.fixture(autouse=True)
def built() -> None:
    """Where Node is missing there is nothing to measure."""
    if not (VENDOR / "charts.min.js").is_file():
        miss("the assets are not built: run `make assets`")


def scripts_of(page: str) -> set[Path]:
    """The scripts that a page loads, with the modules that they import."""
    found: set[Path] = set()
    left = [STATIC_FOLDER / path for path in re.findall(r'<script src="/static/([^"?]+)', page)]
    while left:
        script = left.pop()
        if script not in found:
            found.add(script)
            left += [
                script.parent / name for name in re.findall(r'^import .* from "\./([^"]+)"', script.read_text(), re.M)
            ]
    return found


def weight(scripts: set[Path]) -> int:
    return sum(len(gzip.compress(script.read_bytes(), 6)) for script in scripts)


@pytest.mark.parametrize("path", ["/gallery", "/gallery/editing"])
def test_a_page_with_everything_loads_less_than_300_kb_of_script(path: str) -> None:
    scripts = scripts_of(TestClient(make_gallery(every_tile())).get(path).text)
    assert {"charts.min.js", "charts.js", "chart_cells.js", "htmx.min.js"} <= {script.name for script in scripts}
    assert ("gridstack.min.js" in {script.name for script in scripts}) == path.endswith("editing")
    assert weight(scripts) < BUDGET


def test_a_page_without_charts_loads_no_charts() -> None:
    base = (STATIC_FOLDER.parent / "templates" / "base.html").read_text()
    assert "charts" not in base and "gridstack" not in base


def test_nothing_built_names_another_host() -> None:
    for file in VENDOR.glob("*.min.*"):
        text = file.read_text()
        assert [
            found for found in re.findall(r"https?://[^\s\"'<>)]+", text) if not found.startswith(VOCABULARIES)
        ] == []
        assert "sourceMappingURL" not in text, file.name
        assert str(ROOT) not in text, file.name
        assert file.suffix != ".css" or "data:" not in text, "the content policy refuses pictures in addresses"


def test_every_bundle_comes_with_its_licences() -> None:
    for file in VENDOR.glob("*.min.js"):
        licence = (VENDOR / file.name.replace(".min.js", ".LICENSE.txt")).read_text()
        assert re.search(r"licen[cs]e|permission to use", licence, re.I), file.name
    charts = (VENDOR / "charts.LICENSE.txt").read_text()
    assert all(f"{package}\n" in charts for package in ("echarts", "zrender", "tslib"))
    assert "Apache License" in charts and "Redistribution and use in source and binary forms" in charts


def test_the_lock_names_no_host_and_pins_everything() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in text, "take `resolved` and `funding` out: who installs chooses where from"
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
    wanted = json.loads((ROOT / "package.json").read_text())
    for version in (*wanted["dependencies"].values(), *wanted["devDependencies"].values()):
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_assets_are_built_again_when_what_they_are_made_of_changes() -> None:
    rule = re.search(r"^\$\(ASSETS\)/\.done:(.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert rule
    for source in ("package.json", "package-lock.json", "scripts/*.js", "scripts/bundles/*.js"):
        assert source in rule.group(1)
