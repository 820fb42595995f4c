"""What is said while a function keeps the user waiting."""

from __future__ import annotations

import random
from collections.abc import Iterator

from postcall.runtime.projects.model import LatencyControl
from postcall.runtime.texts.experimental import Fillers


def plan_fillers(latency: LatencyControl | None, fillers: Fillers, rng: random.Random) -> Iterator[tuple[float, str]]:
    """Pairs of seconds to wait and what to say then.

    A function's own delay responses come once each; where it has none, the project's filler utterances go round.
    """
    if latency is not None and latency.delay_responses:
        return _own(latency, rng)
    if fillers.is_enabled and fillers.utterances and fillers.interval_sec > 0:
        return _of_project(fillers, rng)
    return iter(())


def _own(latency: LatencyControl, rng: random.Random) -> Iterator[tuple[float, str]]:
    responses = list(latency.delay_responses)
    if latency.randomize:
        rng.shuffle(responses)
    wait = latency.delay_before_responses_start
    for response in responses:
        yield wait, response.text
        wait = response.seconds + latency.silence_after_each_response


def _of_project(fillers: Fillers, rng: random.Random) -> Iterator[tuple[float, str]]:
    first = fillers.initial_interval_sec
    wait = fillers.interval_sec if first is None else first
    while True:
        utterances = list(fillers.utterances)
        if fillers.randomize:
            rng.shuffle(utterances)
        for utterance in utterances:
            yield wait, utterance
            wait = fillers.interval_sec
