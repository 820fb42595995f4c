"""The questions once more, through the analyst and a scripted model that plans as told and says what came back.

For each question the model calls the tool with the entry's query over real HTTP, and writes a sentence of each number
that it was sent back. Right is an answer whose shown queries say what the entry's says, and whose sentences show every
one of these numbers with its mark.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.analyst.comparator import numbers_are_right
from tests.aside import run_aside

from postcall.analyst.asked_model import AskedModel
from postcall.analyst.service import Analyst
from postcall.analyst.themes.reading import Reader
from postcall.domain.analysis import Analysis, Question, QuestionKind
from postcall.domain.keys import Principal, Scope
from postcall.domain.queries import Measure, MeasureKind, Query, Result, Row
from postcall.llm import ModelClient
from postcall.llm.chat import ChatClient
from postcall.reporting.query_format import read_query
from postcall.settings import ModelSettings
from postcall.testing import Calls, ModelRequest, ScriptedModel, ScriptedReply

if TYPE_CHECKING:
    from tests.analyst.evaluation import Data

Entry = dict[str, Any]
MOST_SAID = 12
"""Rows that the model speaks of."""
_ASKED = ("since", "until", "measures", "group_by", "filters", "having", "order", "limit", "compare", "text")
_FOUND = ("since", "until", "filters")


def plan(entry: Entry) -> Calls:
    """The first thing that the model does."""
    query = entry["query"]
    if entry["kind"] == "ambiguous":
        return Calls("answer", {"ask_back": "Which of these do you mean?"})
    if query is None:
        return Calls("answer", {"missing": ["what is asked for"]})
    found = {key: query[key] for key in _FOUND if key in query}
    if query.get("text") is not None:
        found["words"] = query["text"]
    if entry["kind"] == "themes":
        return Calls("sample_conversations", {**found, "n": 500})
    if entry["calls"] and not query.get("group_by"):
        return Calls("search_conversations", {**found, "limit": min(20, query.get("limit", 20))})
    return Calls("query", {key: query[key] for key in _ASKED if key in query})


def say(told: Mapping[str, Any]) -> Calls:
    """A sentence of each number that a tool returned."""
    if "sampled" in told:
        return _answer([_sentence(f"{told['sampled']} of {told['of']} calls were looked at.", told)])
    if "rows" not in told:
        return _answer([_sentence(f"There are {told.get('calls', 0)} calls.", told)])
    groups = told["query"].get("group_by", [])
    rows = [row for row in told["rows"] if all(row[name] is not None for name in groups)][:MOST_SAID]
    return _answer([_sentence(_in_words(row, groups), told, item=bool(groups)) for row in rows])


def _in_words(row: Mapping[str, Any], groups: Sequence[str]) -> str:
    numbers = [value for name, value in row.items() if name not in groups]
    said = [f"{each['value']}" + (f", {each['before']} before" if "before" in each else "") for each in numbers]
    label = ", ".join(str(row[name]) for name in groups)
    return f"{label}: {' and '.join(said)}." if groups else f"It is {' and '.join(said)}."


def _sentence(text: str, told: Mapping[str, Any], *, item: bool = False) -> dict[str, Any]:
    return {"text": text, "queries": [told["id"]], "item": item}


def _answer(sentences: list[dict[str, Any]]) -> Calls:
    return Calls("answer", {"sentences": sentences})


async def _ask_all(entries: Sequence[Entry], data: Data) -> list[Analysis]:
    by_question = {entry["question"]: entry for entry in entries}

    def reply(request: ModelRequest) -> ScriptedReply:
        if request.last_user not in by_question:
            return {"calls": []}  # somebody has it read calls for themes
        told = [json.loads(each.content) for each in request.tool_results if each.name != "answer"]
        return say(told[-1]) if told else plan(by_question[request.last_user])

    who = Principal("default", data.account_pk, frozenset({Scope.READ}))
    with ScriptedModel(default=reply) as model:
        settings = ModelSettings(model.url, "scripted", "any", timeout_s=30)
        chat, client = ChatClient(settings), ModelClient(settings)
        asked = AskedModel(chat, Reader(client, "scripted", 100_000))
        analyst = Analyst(data.services, data.reports, model=asked)
        try:
            return [
                await analyst.answer(
                    who, Question(each["question"], datetime.fromisoformat(each["now"]), each["time_zone"])
                )
                for each in entries
            ]
        finally:
            await asyncio.gather(chat.close(), client.close())


def is_right(entry: Entry, said: Analysis, data: Data) -> bool:
    """Whether the answer rests on the entry's query, and shows all of its numbers."""
    if entry["kind"] == "ambiguous":
        return said.asks_back and not said.asked
    if said.kind not in {None, QuestionKind.DIFFERENCE, QuestionKind.THEMES}:
        return False  # by the built-in reader, since nothing of what the model said was shown
    if entry["query"] is None:
        return not said.asked and not any(char.isdigit() for char in said.answer)
    shown = [each for each in said.asked if each.id in said.shown]
    expected = [read_query(raw) for raw in (entry["query"], *entry["also"])]
    if entry["kind"] == "themes":
        counted = [set(data.ids(replace(each.query, limit=None))) for each in said.asked]
        return any(set(data.ids(each)) in counted for each in expected) and said.basis is not None
    if entry["calls"]:
        wanted = [data.ids(each)[:20] for each in expected]
        return list(said.calls) in wanted and (bool(said.calls) or "0 [q" in said.answer)
    if said.kind is QuestionKind.DIFFERENCE:
        results = [one.result for one in said.asked]  # the sizes of the sides are among them
        sides = [*([one] for one in results), *(list(pair) for pair in pairwise(results))]
        return any(numbers_are_right(entry, data.run(each), side) for each in expected for side in sides)
    return any(numbers_are_right(entry, data.run(each), [one.result for one in shown]) for each in expected) and all(
        _stands_in(said.answer, one.id, one.query, one.result) for one in shown
    )


def _stands_in(answer: str, name: str, query: Query, result: Result) -> bool:
    """Whether each row's number is in the answer, marked, and in the line of its label."""
    rows = [row for row in result.rows if None not in row.group][:MOST_SAID]
    lines = [line.casefold() for line in answer.split("\n")]
    return f"[{name}]" in answer and all(
        any(_is_told(row, query.measures[0], line, name) for line in lines)
        for row in rows
        if row.numbers[0].value is not None
    )


def _is_told(row: Row, measure: Measure, line: str, name: str) -> bool:
    value = row.numbers[0].value or 0.0
    said = [float(each.replace(",", "")) for each in re.findall(rf"([\d.,]+)(?: %| s)? \[{name}\]", line)]
    wanted = 100 * value if measure.kind in {MeasureKind.RATE, MeasureKind.SHARE} else value
    return any(abs(each - wanted) <= 0.051 for each in said) and all(_plain(label) in line for label in row.group)


def _plain(label: object) -> str:
    return str(int(label) if isinstance(label, float) and label.is_integer() else label).casefold()


def evaluate_planned(entries: Sequence[Entry], data: Data) -> list[tuple[Entry, Analysis, bool]]:
    """Each entry with its answer, and whether that is right."""
    answers = run_aside(_ask_all(entries, data))
    return [(entry, said, is_right(entry, said, data)) for entry, said in zip(entries, answers, strict=True)]
