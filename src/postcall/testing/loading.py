"""Scripts for the scripted model that live in a file of their own."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

from postcall.testing.model import ScriptedModel

ScriptFunction = Callable[[ScriptedModel], None]


class NoScript(Exception):
    """The file holds no script; the message says what it lacks."""


def load_script(file: Path | str) -> ScriptFunction:
    """The function `script(model)` of a Python file, to be called with a scripted model before it is asked.

    The file runs as any program does, so load only what you would run. Raises NoScript where there is none.
    """
    if not Path(file).is_file():
        raise NoScript(f"there is no file {file}")
    script = runpy.run_path(str(file), run_name="postcall_script").get("script")
    if not callable(script):
        raise NoScript(f"{file} defines no function script(model)")
    return cast(ScriptFunction, script)
