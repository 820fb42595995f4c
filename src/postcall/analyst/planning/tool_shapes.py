"""The tools that a model may call, as it is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from postcall.domain.queries import Bucket, Denominator, MeasureKind, Operator
from postcall.llm.chat_shapes import Tool

_TEXT: Final[Mapping[str, object]] = {"type": "string"}
_FILTERS: Final[Mapping[str, object]] = {
    "type": "object",
    "description": (
        'All must hold: {"and": [{"field": "metric.NAME", "op": "eq", "value": true}, {"or": [...]}, {"not": {...}}]}. '
        f"op: {', '.join(op.value for op in Operator)}; in, not in and between take a list."
    ),
}
_PERIOD: Final[Mapping[str, object]] = {
    "since": {"type": "string", "description": "First day, such as 2026-06-01, or a moment; included."},
    "until": {"type": "string", "description": "The day after the last one, or a moment; not included."},
}


def _object(properties: Mapping[str, object], *required: str) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_MEASURE = _object(
    {
        "measure": {"type": "string", "enum": [kind.value for kind in MeasureKind]},
        "of": {"type": "string", "description": "field.NAME or metric.NAME; left out for conversations."},
        "value": {"description": "Of a rate: the value whose share is wanted; true if left out."},
        "denominator": {"type": "string", "enum": [each.value for each in Denominator]},
        "as": {"type": "string", "description": "The column's name."},
    },
    "measure",
)
QUERY: Final = Tool(
    "query",
    "Exact numbers over all calls: measures, filtered and grouped. The only way to a number.",
    _object(
        {
            **_PERIOD,
            "measures": {"type": "array", "items": _MEASURE},
            "group_by": {
                "type": "array",
                "items": _TEXT,
                "description": f"field.NAME, metric.NAME, or one of {', '.join(Bucket)}.",
            },
            "filters": _FILTERS,
            "having": {"type": "array", "items": _object({"column": _TEXT, "op": _TEXT, "value": {}}, "column", "op")},
            "order": {
                "type": "array",
                "items": _object({"column": _TEXT, "descending": {"type": "boolean"}}, "column"),
            },
            "limit": {"type": "integer"},
            "compare": {"type": "boolean", "description": "Also measure the period of the same length before."},
            "text": {"type": "string", "description": "Words that must be said in the calls."},
        },
        "measures",
    ),
)
SEARCH: Final = Tool(
    "search_conversations",
    "Calls themselves, the newest first: their number and ids, which are listed below an answer that names this "
    'result. With `words`, those in which they are said: all words, "a phrase" in quotation marks, -without, '
    "begin*, OR; with the turns in which the words stand.",
    _object({"words": _TEXT, **_PERIOD, "filters": _FILTERS, "limit": {"type": "integer"}}),
)
SAMPLE: Final = Tool(
    "sample_conversations",
    "Some calls of a filter: by chance, or those most like a text. With `look_for` they are read for you, and what "
    "they say of it is returned as themes, each with its share and cited calls.",
    _object(
        {
            **_PERIOD,
            "filters": _FILTERS,
            "words": {"type": "string", "description": "Words that must be said in them, as in a search."},
            "like": {"type": "string", "description": "What the calls are to be about; left out: by chance."},
            "n": {"type": "integer", "description": "At most 500."},
            "look_for": {"type": "string", "description": "A question to each call, such as: why do they hang up?"},
        }
    ),
)
READ: Final = Tool(
    "read_conversation",
    "What was said in a call: its turns, numbered from 0.",
    _object({"call": _TEXT, "from_turn": {"type": "integer"}}, "call"),
)
METRICS: Final = Tool(
    "list_metrics",
    "The names that queries may use: definitions, values, and for how many calls of a period they are known.",
    _object({"search": {"type": "string", "description": "Words to look for; left out: all."}, **_PERIOD}),
)
ANSWER: Final = Tool(
    "answer",
    "The answer, once you have all that it needs.",
    _object(
        {
            "sentences": {
                "type": "array",
                "items": _object(
                    {
                        "text": {
                            "type": "string",
                            "description": "One sentence. Numbers in digits, exactly as a tool returned them (12.3 %), "
                            "each beside the name of its row as the result spells it.",
                        },
                        "queries": {"type": "array", "items": _TEXT, "description": "Ids of the results: q1, s1."},
                        "item": {"type": "boolean", "description": "Whether it is an item of a list."},
                        "citations": {
                            "type": "array",
                            "items": _object(
                                {"call": _TEXT, "turn": {"type": "integer"}, "quote": _TEXT}, "call", "turn", "quote"
                            ),
                        },
                    },
                    "text",
                ),
            },
            "missing": {
                "type": "array",
                "items": _TEXT,
                "description": "Where the data cannot answer: what is recorded nowhere, in a word or two each.",
            },
            "ask_back": {"type": "string", "description": "Where the question can mean several things: what to ask."},
        }
    ),
)
TOOLS: Final = (QUERY, SEARCH, SAMPLE, READ, METRICS, ANSWER)
