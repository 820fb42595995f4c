"""The line at the top of every page: which analyser is at work."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.extraction.analysers import Analyser


@dataclass(frozen=True, slots=True)
class AnalyserView:
    """Who answers questions now."""

    name: str
    place: str | None
    """The host of a model; None for the built-in analyser, which is followed by how to connect one."""


def show_analyser(analyser: Analyser) -> AnalyserView:
    """The model's name and host (never its key), or the built-in analyser."""
    if analyser.model is None:
        return AnalyserView("the built-in analyser", None)
    return AnalyserView(analyser.model, analyser.place or "an unnamed host")
