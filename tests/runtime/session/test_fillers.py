"""What the user hears while a function runs."""

from __future__ import annotations

import random
import time
from itertools import islice
from typing import Any

from tests.runtime.session.scene import Call, Scene, project, spec

from postcall.runtime.projects.model import DelayResponse, LatencyControl
from postcall.runtime.session.fillers import plan_fillers
from postcall.runtime.texts.experimental import Fillers

RESPONSES = (DelayResponse("Let me check.", 2.0), DelayResponse("Still checking.", 1.0))


def test_a_slow_function_is_bridged_with_its_own_words_which_are_no_part_of_the_transcript() -> None:
    def act(conv: Any) -> dict[str, str]:
        time.sleep(0.1)
        return {"utterance": "Done."}

    slow = spec("act", latency=LatencyControl(0.02, 0.0, (DelayResponse("Let me check.", 5.0),)))
    scene = Scene(project(slow), {"act": act}, [Call("act")])
    heard = scene.hear("Go.")
    assert heard.fillers == ["Let me check."]
    assert heard.said == ["Done."]
    assert "check" not in str(scene.history)


def test_a_quick_function_needs_no_filler() -> None:
    slow = spec("act", latency=LatencyControl(1.0, 0.0, RESPONSES))
    assert Scene(project(slow), {"act": lambda _: {"utterance": "Done."}}, [Call("act")]).hear("Go.").fillers == []


def test_the_projects_fillers_serve_functions_without_their_own() -> None:
    tuning = {"filler_utterances": {"is_enabled": True, "interval_sec": 0.03, "utterances": ["Hm."]}}
    scene = Scene(project("act", experimental=tuning), {"act": lambda _: time.sleep(0.08)}, [Call("act"), "Done."])
    assert scene.hear("Go.").fillers[0] == "Hm."


def test_delay_responses_come_once_each_with_their_pauses() -> None:
    plan = plan_fillers(LatencyControl(3.0, 0.5, RESPONSES), Fillers(), random.Random(1))
    assert list(plan) == [(3.0, "Let me check."), (2.5, "Still checking.")]


def test_the_projects_fillers_go_round_in_their_order_or_shuffled() -> None:
    words = ("One", "Two", "Three")
    fillers = Fillers(True, 2.0, 1.0, False, words)
    assert list(islice(plan_fillers(None, fillers, random.Random(1)), 4)) == [
        (1.0, "One"),
        (2.0, "Two"),
        (2.0, "Three"),
        (2.0, "One"),
    ]
    shuffled = islice(plan_fillers(None, Fillers(True, 2.0, 1.0, True, words), random.Random(1)), 3)
    assert {text for _, text in shuffled} == set(words)
