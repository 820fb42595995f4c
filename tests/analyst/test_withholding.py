"""Answers that were kept, after calls that they quote have gone or changed."""

from __future__ import annotations

from postcall.analyst.withholding import withhold
from postcall.domain.analysis import Analysis, Citation, QuestionKind
from postcall.domain.calls import Role, Turn

CARD = "my card number is four four two one"
WAIT = "I have waited for an hour"


def turns(*texts: str) -> tuple[Turn, ...]:
    return tuple(Turn(Role.USER, text) for text in texts)


def an_analysis(answer: str) -> Analysis:
    return Analysis(
        answer=answer,
        kind=QuestionKind.THEMES,
        understood="What people say.",
        calls=("gone", "here"),
        citations=(Citation("gone", 0, CARD), Citation("here", 1, WAIT)),
    )


HERE = {"here": turns("Hello.", f"{WAIT}.")}


def test_an_answer_whose_calls_are_all_there_stays_as_it_is() -> None:
    analysis = an_analysis(f"2 calls [q1] name it: “{CARD}” [c1].")
    assert withhold(analysis, {"gone": turns(CARD), **HERE}) == analysis


def test_no_words_of_a_call_that_is_gone_are_shown() -> None:
    found = withhold(
        an_analysis(
            f"2 calls [q1] were read.\n- One says “{CARD}” [c1].\n- Another says “{WAIT}” [c2].\n"
            f"- A caller gave “four four  Two one” [c1], and said {CARD} [c1]."
        ),
        HERE,
    )
    assert found.answer == (
        f"2 calls [q1] were read.\n- One says “…” [c1].\n- Another says “{WAIT}” [c2].\n"
        "- A caller gave “…” [c1], and said … [c1]."
    )
    assert found.citations == (Citation("gone", 0, ""), Citation("here", 1, WAIT))
    assert found.calls == ("here",) and found.not_covered[-1].startswith("1 quote of this answer")


def test_words_that_were_taken_out_of_a_call_are_shown_no_more() -> None:
    found = withhold(an_analysis(f"One says “{CARD}” [c1]."), {"gone": turns("my card number is [removed]"), **HERE})
    assert CARD not in found.answer and found.citations[0].quote == "" and found.calls == ("gone", "here")


def test_a_turn_that_is_no_longer_there_is_not_quoted() -> None:
    found = withhold(an_analysis("Two say so [c1] [c2]."), {"gone": turns(CARD), "here": turns("Hello.")})
    assert [each.quote for each in found.citations] == [CARD, ""] and found.answer == "Two say so [c1] [c2]."
