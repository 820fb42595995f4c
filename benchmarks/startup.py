"""From `make run` in a fresh clone to the first page."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.figures import Figure


def measure() -> list[Figure]:
    """The first start (environment, assets, samples) on a warm package cache, and the second."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", ".", folder], check=True)
        first = _until_first_page(Path(folder))
        second = _until_first_page(Path(folder))
    floor = _bare_interpreter_s()
    return [
        Figure("`make run` in a fresh clone, warm cache, to the first page", first, "s"),
        Figure("`make run` again, to the first page", second, "s", "starting a bare interpreter", second / floor),
    ]


def _until_first_page(clone: Path) -> float:
    begun = time.perf_counter()
    run = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.perf_counter() - begun < 300:
            try:
                with urlopen("http://127.0.0.1:8000/calls", timeout=1) as page:
                    page.read()
                    return time.perf_counter() - begun
            except (URLError, TimeoutError, ConnectionError):
                time.sleep(0.05)
            if run.poll() is not None:
                raise RuntimeError("make run ended; is another server on port 8000?")
        raise TimeoutError("no page within five minutes")
    finally:
        os.killpg(run.pid, 15)
        run.wait(timeout=30)


def _bare_interpreter_s() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - begun
