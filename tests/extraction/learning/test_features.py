"""What is counted of a call."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import some_turns

from postcall.domain.calls import Role, Turn
from postcall.extraction.learning.features import SPACES, read_features, split_words

TURNS = st.lists(st.builds(Turn, st.sampled_from(Role), st.text(max_size=80)), max_size=12)


def words_of(name: str, *lines: str) -> set[str]:
    return set(read_features(some_turns(*lines)).words[SPACES.index(name)])


def test_who_said_it_and_when_is_counted_apart() -> None:
    lines = (
        "agent: Welcome", "user: one", "agent: hm", "user: two", "agent: hm", "user: three", "agent: hm", "user: four"
    )  # fmt: skip
    assert words_of("agent", *lines) == {"welcome", "hm"}
    assert words_of("user", *lines) == {"one", "two", "three", "four"}
    assert words_of("first", *lines) == {"one", "two"}
    assert words_of("last", *lines) == {"hm", "three", "four"}


def test_neighbours_are_paired_within_a_turn_only() -> None:
    assert words_of("user", "user: not now", "user: thanks") == {"not", "now", "not now", "thanks"}


def test_a_number_is_a_number_whichever_it_is() -> None:
    assert split_words("At 10:45 on the 3rd, £20") == ["at", "00", "00", "on", "the", "0rd", "00"]
    assert split_words("Don’t, O'Neill!") == ["don't", "o'neill"]


@given(TURNS)
def test_any_call_can_be_counted(turns: list[Turn]) -> None:
    features = read_features(tuple(turns))
    assert all(turns[turn.index].role is turn.role for turn in features.turns)
    for place, counts in enumerate(features.words):
        spoken = sum(len(features.turns[position].terms) for position in features.members[place])
        assert sum(counts.values()) == spoken


def test_a_huge_call_costs_no_more_than_a_long_one() -> None:
    flood = Turn(Role.USER, " ".join(f"word{chr(97 + n % 26)}{n}" for n in range(400_000)))
    calls = [(flood,), (flood,) * 20, tuple(Turn(Role.AGENT, f"line {n} of many") for n in range(50_000))]
    begun = time.process_time()
    for call in calls:
        features = read_features(call)
        assert sum(len(turn.words) for turn in features.turns) <= 20_000
    assert time.process_time() - begun < 20


def test_of_a_long_call_the_beginning_and_the_end_are_read() -> None:
    lines = [Turn(Role.USER, f"{'x' * 5} filler {'y' * 5}") for _ in range(5_000)]
    features = read_features((Turn(Role.USER, "first"), *lines, Turn(Role.USER, "final")))
    assert features.words[SPACES.index("user")]["first"] == 1
    assert features.words[SPACES.index("last")]["final"] == 1
    indexes = [turn.index for turn in features.turns]
    assert indexes == sorted(set(indexes)), "no turn twice"
