"""What filters say of calls, as a person would."""

from __future__ import annotations

import pytest
from tests.analyst.answers import CALLS, query

from postcall.analyst.telling.call_words import doing_in_words, that_in_words
from postcall.domain.queries import AnyOf, Condition, Filter, Not, Operator

SAID: dict[str, Filter] = {
    "were by web chat": Condition("field.channel", Operator.EQ, "webchat"),
    "were in Spanish or German": Condition("field.language", Operator.IN, values=("es", "de-AT")),
    "were not in Spanish": Not(Condition("field.language", Operator.EQ, "es")),
    "were handed off": Condition("field.handoff", Operator.EQ, True),
    "were not handed off": Condition("field.handoff", Operator.EQ, False),
    "lasted longer than 5 min": Condition("field.duration", Operator.GT, 300),
    "did not last longer than 1 min 30 s": Not(Condition("field.duration", Operator.GT, 90)),
    "lasted between 10 s and 1 h": Condition("field.duration", Operator.BETWEEN, values=(10, 3600)),
    "had more than 20 turns": Condition("field.turns", Operator.GT, 20),
    "began between 09:00 and 11:59": Condition("field.hour", Operator.IN, values=(9, 10, 11)),
    "began before 12:00": Condition("field.minute", Operator.BETWEEN, values=(0, 719)),
    "began at 17:00 or later": Condition("field.minute", Operator.BETWEEN, values=(1020, 1439)),
    "were on a weekend": Condition("field.weekday", Operator.IN, values=("Sunday", "Saturday")),
    "were on a Monday": Condition("field.weekday", Operator.EQ, "Monday"),
    "ended in a handoff": Condition("field.disconnection_reason", Operator.EQ, "handoff"),
    "had BOOKED = yes": Condition("metric.BOOKED", Operator.EQ, True),
    "did not have BOOKED = yes": Not(Condition("metric.BOOKED", Operator.EQ, True)),
    "had REASON “billing”": Condition("metric.REASON", Operator.EQ, "billing"),
    "had another REASON than “billing”": Condition("metric.REASON", Operator.NE, "billing"),
    "did not have REASON “a” or “b”": Condition("metric.REASON", Operator.NOT_IN, values=("a", "b")),
    "had a value for REASON": Condition("metric.REASON", Operator.EXISTS),
    "had no REASON": Condition("metric.REASON", Operator.NOT_EXISTS),
    "had PAIN over 7": Condition("metric.PAIN", Operator.GT, 7),
    "had “knee” in REASON": Condition("metric.REASON", Operator.CONTAINS, "knee"),
    "were by voice or had REASON “billing”": AnyOf(
        (Condition("field.channel", Operator.EQ, "voice"), Condition("metric.REASON", Operator.EQ, "billing"))
    ),
}


@pytest.mark.parametrize(("words", "part"), SAID.items(), ids=SAID)
def test_a_filter_is_told_as_what_calls_did(words: str, part: Filter) -> None:
    assert doing_in_words(query(CALLS, where=[part])) == words


def test_one_call_was_and_several_were() -> None:
    web = query(CALLS, where=[Condition("field.channel", Operator.EQ, "webchat")], text="refund")
    assert doing_in_words(web, one=True) == "was by web chat and mentioned “refund”"
    assert that_in_words(web) == " that were by web chat and mentioned “refund”"
    assert that_in_words(query(CALLS)) == ""


def test_a_value_cannot_pass_for_a_mark() -> None:
    odd = query(CALLS, where=[Condition("metric.REASON", Operator.EQ, "no [q1] calls [s1] [c2]")])
    assert "[" not in doing_in_words(odd)
