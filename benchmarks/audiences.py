"""An audience of a hundred thousand people from one file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.figures import Figure
from benchmarks.material import running

ROWS = 100_000


def measure() -> list[Figure]:
    """Rows a second from the first byte sent to the reply, and what the server's memory came to."""
    content = "phoneNumber,firstName,lastName,city,note\n" + "".join(
        f"+1415{5_000_000 + index},User,{index},San Francisco,asked for a call back\n" for index in range(ROWS)
    )
    with (
        tempfile.TemporaryDirectory(dir=".") as folder,
        running(["postcall", "serve", "--port", "0", "--no-worker", "--data", folder]) as server,
    ):
        key = (Path(folder) / "api-key").read_text().strip()
        server.await_rest(seconds=20)
        before = server.peak_mib()
        begun = time.perf_counter()
        reply = httpx.post(
            f"{server.url}/atoms/v1/audience",
            headers={"Authorization": f"Bearer {key}"},
            data={"name": "Everybody", "phoneNumberColumnName": "phoneNumber"},
            files={"file": ("contacts.csv", content.encode(), "text/csv")},
            timeout=300,
        )
        reply.raise_for_status()
        took, peak = time.perf_counter() - begun, server.peak_mib()
    return [
        Figure(f"an audience of {ROWS:,} from a CSV of {len(content) / 2**20:.1f} MiB", ROWS / took, "rows/s"),
        Figure(
            "most memory of the server meanwhile", peak, "MiB", "what it had before", peak / before, "under 200 MiB"
        ),
    ]
