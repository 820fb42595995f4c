"""A server's memory is mostly what it has loaded; what few need waits until somebody does."""

from __future__ import annotations

import subprocess
import sys

RARE = ("httpx", "openai", "regex", "cryptography", "sklearn", "alembic")


def test_a_server_loads_what_few_need_only_with_them() -> None:
    script = (
        "import sys, postcall.serving, postcall.app; "
        f"print(*(name for name in {RARE!r} if name in sys.modules), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
