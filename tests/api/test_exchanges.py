"""A transcript counted in turns of two sides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from postcall.api.polyai.exchanges import Exchange, exchanges, silences
from postcall.domain.calls import Role, Turn

ROLES = st.lists(st.sampled_from(Role), max_size=30)


@given(ROLES)
def test_every_utterance_is_in_one_turn_and_in_order(roles: list[Role]) -> None:
    pairs = exchanges(roles)
    told = [(side, role) for pair in pairs for role in (Role.USER, Role.AGENT) if (side := pair.side(role)) is not None]
    assert told == list(enumerate(roles))
    assert all(pair != Exchange(None, None) for pair in pairs)


@given(ROLES)
def test_an_answer_stands_with_what_it_answers(roles: list[Role]) -> None:
    agents = {pair.agent: pair.user for pair in exchanges(roles)}
    for index, role in enumerate(roles):
        if role is Role.AGENT:
            before = index - 1
            assert agents[index] == (before if index and roles[before] is Role.USER else None)


def test_only_a_call_that_we_host_is_known_to_be_silent() -> None:
    said = (Turn(Role.AGENT, "Hello."), Turn(Role.AGENT, "Still there?"), Turn(Role.USER, "Yes."))
    pairs = exchanges(turn.role for turn in said)
    assert silences(pairs, said, hosted=True) == (False, True, False)
    assert silences(pairs, said, hosted=False) == (False, False, False)
