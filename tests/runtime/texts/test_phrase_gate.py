"""Phrases that the model is not to say, however its text arrives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.runtime.projects.model import PhraseFilter
from postcall.runtime.texts.filters import PhraseGate


def a_filter(*patterns: str, say: bool = False, language: str | None = None, name: str = "filter") -> PhraseFilter:
    return PhraseFilter(name, patterns, say, language, "do_it")


def through(pieces: Sequence[str], *filters: PhraseFilter, language: str = "en-US") -> tuple[str, str | None]:
    """What was said, and the phrase that occurred."""
    gate = PhraseGate(filters, language)
    said = "".join([*map(gate.feed, pieces), gate.finish()])
    return said, gate.match.phrase if gate.match else None


TRANSFER = a_filter(r"\btransferring you\b", name="transfer")
GOODBYE = a_filter(r"([Gg]ood)?[Bb]ye", say=True, name="goodbye")


def test_a_phrase_is_not_spoken_and_neither_is_what_follows() -> None:
    assert through(["One second, transferring you now."], TRANSFER) == ("One second, ", "transferring you")


def test_a_phrase_that_may_be_said_ends_what_is_said() -> None:
    assert through(["Thanks. Goodbye. By the way"], GOODBYE) == ("Thanks. Goodbye", "Goodbye")


def test_what_came_before_is_known_to_whoever_acts_on_it() -> None:
    gate = PhraseGate([TRANSFER], "en-US")
    gate.feed("Fine, transferring you now")
    assert gate.match is not None
    assert (gate.match.before, gate.match.filter, gate.match.said) == ("Fine, ", TRANSFER, False)
    assert gate.feed("more") == ""
    assert gate.finish() == ""


def test_a_phrase_in_pieces_is_the_same_phrase() -> None:
    assert through(["Fine, trans", "ferring", " y", "ou now"], TRANSFER) == ("Fine, ", "transferring you")


def test_part_of_a_longer_word_is_no_phrase() -> None:
    assert through(["transferring you", "r call"], TRANSFER) == ("transferring your call", None)


def test_a_phrase_at_the_very_end_counts() -> None:
    assert through(["Now transferring you"], TRANSFER) == ("Now ", "transferring you")
    assert through(["Bye"], GOODBYE) == ("Bye", "Bye")


def test_only_what_may_become_a_phrase_is_held_back() -> None:
    gate = PhraseGate([TRANSFER], "en-US")
    assert gate.feed("I am ") == "I am "
    assert gate.feed("tran") == ""
    assert gate.feed("quil now. ") == "tranquil now. "
    assert gate.feed("transferring yo") == ""
    assert gate.finish() == "transferring yo"
    assert gate.match is None


def test_the_phrase_that_is_complete_first_counts() -> None:
    early, late = a_filter("a b c d"), a_filter("c", name="late")
    assert through(["x a b c d"], early, late) == ("x a b ", "c")


def test_of_two_that_are_complete_together_the_one_that_begins_first_counts() -> None:
    short, long = a_filter("Good", name="short"), a_filter("is Good", name="long")
    gate = PhraseGate([short, long], "en-US")
    assert gate.feed("It is Good.") == "It "
    assert gate.match is not None
    assert gate.match.filter is long


def test_a_filter_for_another_language_does_nothing() -> None:
    french = a_filter("commande", language="fr-CA")
    assert through(["Votre commande."], french) == ("Votre commande.", None)
    assert through(["Votre commande."], french, language="fr-CA") == ("Votre ", "commande")


@pytest.mark.parametrize("pattern", ["(unclosed", "*", "", "x*", "(?P<a>"])
def test_an_expression_that_is_none_or_matches_everywhere_does_nothing(pattern: str) -> None:
    assert through(["Hello xx there."], a_filter(pattern)) == ("Hello xx there.", None)


def test_an_expression_that_would_take_for_ever_does_not_stop_the_agent() -> None:
    text = "a" * 60 + "!"
    assert through([text], a_filter(r"(a|aa)+$", r"(a+)+b$"), TRANSFER) == (text, None)


def test_an_expression_for_the_whole_reply_waits_for_its_end() -> None:
    whole = a_filter(r"^Alright\.?$")
    assert through(["Alright."], whole) == ("", "Alright.")
    assert through(["Alright. ", "Now what?"], whole) == ("Alright. Now what?", None)
    assert through(["Alright.\n", "Now what?"], whole) == ("Alright.\nNow what?", None)


def test_an_expression_that_looks_ahead_is_decided_at_the_end() -> None:
    unless = a_filter(r"check(?! in)")
    assert through(["We check", " in guests"], unless) == ("We check in guests", None)
    assert through(["We check", " on it"], unless) == ("We ", "check")


def test_flags_in_an_expression_hold() -> None:
    assert through(["Now TRANSFERRING you"], a_filter("(?i)transferring")) == ("Now ", "TRANSFERRING")


PATTERNS = [
    r"\btransferring you\b",
    r"([Gg]ood)?[Bb]ye",
    r"have (a good|a great) ?(rest of (the|your))? ?day",
    r"\(.*transfer.*\)",
    r"\*?Tracking order( now)?\.?\!?\*?",
    r"^(Alright[.!]?|Ok)?\s*(have a good day)\.?$",
    r"ask.{0,5}you",
    r"\[",
    r"day(?! after)",
    r"(?<=good )day",
    r"(?i)HOLD the line$",
]
WORDS = [
    "ask", "x", "transferring", " you", "r", "Good", "bye", "have a ", "good ", "great", "day", "rest of your", "(",
    ")", "transfer", "*", "Tracking order", " now", ".", "!", "Alright", " ", "\n", "[", " after", "hold the line",
]  # fmt: skip


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=12),
    chosen=st.lists(st.tuples(st.sampled_from(PATTERNS), st.booleans()), min_size=1, max_size=5),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
def test_any_cutting_of_a_reply_says_the_same(
    words: list[str], chosen: list[tuple[str, bool]], cuts: list[int]
) -> None:
    text = "".join(words)
    filters = [a_filter(pattern, say=say) for pattern, say in chosen]
    at = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[start:end] for start, end in pairwise(at)]
    whole = through([text], *filters)
    assert through(pieces, *filters) == whole
    assert through(list(text), *filters) == whole
    assert text.startswith(whole[0])
    if whole[1] is None:
        assert whole[0] == text
