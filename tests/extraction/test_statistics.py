"""What an agent's calls have in common is counted from its own calls, and only where there are enough."""

from __future__ import annotations

from tests.aside import run_aside
from tests.builders import Desk, a_call

from postcall.extraction.statistics import LEAST, Statistics
from postcall.storage.agents import find_agent_row


def of_agent(desk: Desk, agent: str) -> float | None:
    """How rare the word `towel` is in the agent's calls; None where nothing is counted."""
    pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, agent).pk)
    background = run_aside(Statistics(desk.record).of(pk))
    return None if background is None else background.rarity("towel")


def test_words_of_every_call_are_common_and_others_rare(desk: Desk) -> None:
    for number in range(LEAST):
        desk.hand_in(a_call(f"call-{number}", "user: I need a towel."))
    found = of_agent(desk, "clinic")
    assert found is not None
    assert found < 0.01


def test_a_few_calls_are_not_counted(desk: Desk) -> None:
    desk.hand_in(a_call("call-1", "user: I need a towel."))
    assert of_agent(desk, "clinic") is None
