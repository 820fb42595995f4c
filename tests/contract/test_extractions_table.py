"""Extractions: appended, never changed; the latest finished one of the current transcript is current."""

from __future__ import annotations

from tests.builders import Desk, a_call, a_question, an_answer, findings

from postcall.domain.answers import Answer, AnswerStatus, Evidence, ExtractionStatus
from postcall.domain.questions import QuestionType
from postcall.domain.views import ExtractionState
from postcall.intake.service import extract_again
from postcall.storage.agents import find_agent_row, list_versions


def again(desk: Desk) -> str:
    return desk.record.write(extract_again(desk.pk, "call-1", now=desk.clock()))


def current(desk: Desk) -> dict[str, Answer]:
    extraction = desk.read().extraction
    assert extraction is not None
    return {answer.identifier: answer for answer in extraction.findings.answers}


def test_what_was_found_comes_back_whole(desk: Desk) -> None:
    found = findings(
        an_answer(evidence=(Evidence(0, "“Good”\n🙂"), Evidence(1, "book"))),
        an_answer("seats", 4, type="INTEGER"),
        an_answer("day", "2026-03-03", type="DATETIME"),
        an_answer("why", "pain", type="ENUM"),
        an_answer("name", "שלום", type="STRING"),
        an_answer("missing", status="unknown"),
        an_answer("wrong", status="invalid"),
        summary="Ends with a null \N{REPLACEMENT CHARACTER} and 🙂",
    )
    desk.hand_in(a_call())
    [job] = desk.claim()
    stored = desk.finish(job, found)
    extraction = desk.read().extraction
    assert extraction is not None
    assert extraction.findings == found
    assert (extraction.id, extraction.call_id, extraction.status) == (stored.id, "call-1", ExtractionStatus.FINISHED)


def test_a_second_run_is_appended_and_becomes_current(desk: Desk) -> None:
    desk.ask(a_question())
    desk.hand_in(a_call())
    first = desk.extract(an_answer(value=True))
    queued = again(desk)
    second = desk.extract(an_answer(value=False))
    file = desk.read()
    assert [each.id for each in file.extractions] == [second.id, first.id]
    assert second.id == queued, "the id that was promised"
    assert file.extraction is not None
    assert file.extraction.id == second.id
    assert file.extractions[1].findings.answers[0].value is True


def test_a_new_run_uses_the_active_version_and_old_runs_keep_theirs(desk: Desk) -> None:
    first = desk.ask(a_question())
    desk.hand_in(a_call())
    before = desk.extract(an_answer())
    second = desk.ask(a_question("angry", "Was the caller angry?"))
    assert desk.read().extractions == (desk.read().extraction,), "publishing touches no extraction"
    assert current(desk).keys() == {"booked"}
    again(desk)
    desk.extract(an_answer("angry", value=False))
    file = desk.read()
    assert [each.version for each in file.extractions] == [second, first]
    assert file.extractions[1].id == before.id
    assert file.call.version == first, "the call itself stays with the version it came under"


def test_a_question_that_errs_in_a_rerun_keeps_its_earlier_answer_flagged(desk: Desk) -> None:
    desk.hand_in(a_call())
    first = desk.extract(an_answer(), an_answer("angry", value=False))
    again(desk)
    second = desk.extract(an_answer(status="error"), an_answer("angry", value=True))
    answers = current(desk)
    assert (answers["booked"].value, answers["booked"].status) == (True, AnswerStatus.OK)
    assert answers["booked"].kept_from == first.id
    assert (answers["angry"].value, answers["angry"].kept_from) == (True, None)
    extraction = desk.read().extraction
    assert extraction is not None
    assert extraction.id == second.id


def test_an_answer_kept_twice_names_where_it_is_from(desk: Desk) -> None:
    desk.hand_in(a_call())
    first = desk.extract(an_answer())
    for _ in range(2):
        again(desk)
        desk.extract(an_answer(status="error"))
    assert current(desk)["booked"].kept_from == first.id


def test_only_errors_are_replaced_by_earlier_answers(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.extract(an_answer(), an_answer("angry"))
    again(desk)
    desk.extract(an_answer(status="unknown"), an_answer("angry", status="invalid"))
    answers = current(desk)
    assert [answers[name].status for name in ("booked", "angry")] == [AnswerStatus.UNKNOWN, AnswerStatus.INVALID]


def test_an_earlier_answer_of_another_type_is_not_kept(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.extract(an_answer("seats", "four", type="STRING"))
    again(desk)
    desk.extract(an_answer("seats", type="INTEGER", status="error"))
    assert current(desk)["seats"].status is AnswerStatus.ERROR
    assert current(desk)["seats"].type is QuestionType.INTEGER


def test_answers_about_old_words_are_not_kept_for_new_ones(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.extract(an_answer())
    desk.hand_in(a_call("call-1", "user: Cancel it."), replace=True)
    desk.extract(an_answer(status="error"))
    assert current(desk)["booked"].status is AnswerStatus.ERROR
    assert current(desk)["booked"].kept_from is None


def test_a_rerun_that_fails_leaves_the_earlier_extraction_current_and_says_why(desk: Desk) -> None:
    desk.hand_in(a_call())
    first = desk.extract(an_answer())
    again(desk)
    [job] = desk.claim()
    desk.finish(job, findings(an_answer(status="error")), failure="the endpoint refused the key")
    file = desk.read()
    assert file.extraction is not None
    assert file.extraction.id == first.id
    assert len(file.extractions) == 2
    assert file.progress.reason == "the endpoint refused the key"


def test_a_call_whose_only_run_failed_says_why(desk: Desk) -> None:
    desk.hand_in(a_call())
    [job] = desk.claim()
    desk.finish(job, findings(an_answer(status="error")), failure="the endpoint refused the key")
    file = desk.read()
    assert file.extraction is None
    assert (file.progress.state, file.progress.reason) == (ExtractionState.FAILED, "the endpoint refused the key")
    assert file.extractions[0].failure == "the endpoint refused the key"


def test_the_state_of_a_call_follows_its_job(desk: Desk) -> None:
    desk.hand_in(a_call())
    assert desk.read().progress.state is ExtractionState.QUEUED
    [job] = desk.claim()
    assert desk.read().progress.state is ExtractionState.RUNNING
    desk.finish(job, findings(an_answer()))
    assert desk.read().progress.state is ExtractionState.FINISHED


def test_a_run_cannot_be_stored_twice(desk: Desk) -> None:
    from postcall.storage.extractions import store_extraction

    desk.hand_in(a_call())
    [job] = desk.claim()
    stored = desk.finish(job, findings(an_answer()))
    call_pk = job.call_pk
    assert call_pk is not None
    desk.record.write(lambda c: store_extraction(c, call_pk, stored))
    assert len(desk.read().extractions) == 1


def test_every_version_is_kept(desk: Desk) -> None:
    desk.ask(a_question())
    desk.ask(a_question("angry", "Was the caller angry?"))
    desk.ask()
    kept = desk.record.read(lambda c: list_versions(c, find_agent_row(c, desk.pk, "clinic").pk))
    asked = [[question.identifier for question in version.config.questions] for version in kept]
    assert [version.number for version in kept] == [3, 2, 1]
    assert asked == [[], ["angry"], ["booked"]]
