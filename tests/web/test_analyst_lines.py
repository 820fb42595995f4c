"""The sentences of an answer in pieces, and an answer as plain text."""

from __future__ import annotations

from datetime import UTC, datetime

from postcall.domain.analysis import Analysis, Citation, Question, QuestionKind, Understood
from postcall.web.analyst_lines import Piece, cut_question, read_blocks
from postcall.web.analyst_text import answer_as_text

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)
MARKS = {
    "q1": Piece("q1", "#q1"),
    "c2": Piece("c2", "/calls/a#turn-1", "a, turn 1: “No.”"),
    "s1": Piece("s1", "#sample"),
}


def test_items_that_follow_each_other_are_one_list_between_paragraphs() -> None:
    blocks = read_blocks("Two things differ.\n- The first.\n- The second.\n\nThat is all.\n- ", MARKS)
    assert [(each.is_list, len(each.lines)) for each in blocks] == [(False, 1), (True, 2), (False, 1)]
    assert blocks[1].lines[1] == (Piece("The second."),)


def test_marks_lead_to_queries_turns_and_samples() -> None:
    [block] = read_blocks("In 12 [q1] of them [s1] people said no [c2].", MARKS)
    assert [each.text for each in block.lines[0]] == ["In 12", "q1", " of them", "s1", " people said no", "c2", "."]
    assert block.lines[0][5].href == "/calls/a#turn-1"


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    [block] = read_blocks("In 48.6 % of 3 calls, after 2 min 05 s.", {})
    assert block.lines[0] == (Piece("In 48.6\u00a0% of 3 calls, after 2\u00a0min 05\u00a0s."),)


def test_a_mark_that_leads_nowhere_is_left_out() -> None:
    [block] = read_blocks("In 12 [q7] calls, list[0].", MARKS)
    assert "".join(each.text for each in block.lines[0]) == "In 12 calls, list[0]."


def test_words_of_a_question_are_marked_and_those_of_another_are_not() -> None:
    understood = Understood(QuestionKind.COUNT, (), taken=((4, 9, "calls"), (400, 409, "of a question before")))
    pieces = cut_question("How calls\x07", understood)
    assert pieces == (Piece("How "), Piece("calls", meaning="calls"), Piece("␇"))


def test_an_answer_to_be_pasted_has_no_marks_and_no_quote_of_a_call_that_is_gone() -> None:
    citations = (Citation("a", 1, "No."), Citation("gone", 2, ""))
    analysis = Analysis("12 calls [q1] [s1].\n- One [c1].", None, "So", citations=citations, not_covered=("chat",))
    assert answer_as_text(Question(" How many? ", NOW), analysis, "Exact: of all 12 calls.").split("\n\n") == [
        "How many?",
        "12 calls.\n- One.",
        '"No." (a, turn 1)',
        "Exact: of all 12 calls.",
        "Not covered: chat",
        "Understood as: So",
    ]
