"""Looking up the project's functions, in the process that runs them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from postcall.runtime.conv.channel import Unavailable
from postcall.runtime.functions.loader import broken_by
from postcall.runtime.protocol import StaticProject

_FOLDERS = {"transition": "functions", "step": "function_steps"}
"""Within a flow's folder, by kind."""


class ProjectFunctions:
    """Finds a function by its kind, its name and its flow."""

    def __init__(self, project: StaticProject) -> None:
        self._flows = project.flows

    def __call__(self, kind: str, name: str, flow: str | None, /) -> Callable[..., Any]:
        """The function. Raises Unavailable where its module cannot be imported or has no such function."""
        module = self._module(kind, name, flow)
        try:
            imported = importlib.import_module(module)
        except BaseException as error:
            broken = broken_by(error, module, f"{module.replace('.', '/')}.py")
            place = f"{broken.file}:{broken.line}" if broken.line else broken.file
            raise Unavailable(f"{place} cannot be imported: {broken.message}") from error
        function = getattr(imported, name, None)
        if not callable(function):
            raise Unavailable(f"{module.replace('.', '/')}.py has no function {name}")
        found: Callable[..., Any] = function
        return found

    def _module(self, kind: str, name: str, flow: str | None) -> str:
        if kind not in _FOLDERS:
            return f"functions.{name}"
        folder = self._flows.get(flow or "")
        if folder is None:
            raise Unavailable(f"no flow {flow!r} has a function {name}")
        return f"flows.{folder}.{_FOLDERS[kind]}.{name}"
