"""What postcall takes up: memory at rest, and disk."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.material import running


def measure() -> list[Figure]:
    """Idle memory of a server with its worker, beside a bare interpreter; the installed environment's size."""
    with (
        tempfile.TemporaryDirectory(dir=".") as folder,
        running(["postcall", "serve", "--port", "0", "--data", folder]) as server,
    ):
        time.sleep(3)
        idle = server.memory_mib()
    bare = _bare_interpreter_mib()
    return [
        Figure("idle memory of a server and its worker", idle, "MiB", "a bare interpreter", idle / bare),
        Figure("the environment that `make run` installs", _installed_mib(), "MiB"),
    ]


def _bare_interpreter_mib() -> float:
    script = "import os; print(int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 2**20)"
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def _installed_mib() -> float:
    """A fresh environment with the locked packages and nothing for development."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", folder, "--clear"], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", folder, "--link-mode", "copy"]
        subprocess.run([*install, "-r", "requirements.lock"], check=True)
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if not file.is_symlink()) / 2**20
