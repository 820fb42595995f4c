"""An answer as plain text, to be pasted into a message or a document."""

from __future__ import annotations

import re

from postcall.analyst.telling.tables import Table
from postcall.domain.analysis import Analysis, Question
from postcall.web.analyst_lines import MARK
from postcall.web.analyst_results import told_table

_MOST_ROWS = 50


def answer_as_text(question: Question, analysis: Analysis, basis: str) -> str:
    """Question, sentences, the tables that are the answer with tabs between the cells, quotes, and what is missing.

    The marks are left out: where it is pasted they lead nowhere.
    """
    shown = set(analysis.shown or (each.id for each in analysis.asked))
    tables = [told_table(each, question.now) for each in analysis.asked if each.id in shown and each.query.group_by]
    parts = [question.text.strip(), _unmarked(analysis.answer)]
    parts += [_table(each) for each in tables if each.rows]
    parts += ["\n".join(f'"{each.quote}" ({each.call}, turn {each.turn})' for each in analysis.citations if each.quote)]
    parts += [basis, "\n".join(f"Not covered: {_unmarked(each)}" for each in analysis.not_covered)]
    if analysis.understood:
        parts.append(f"Understood as: {analysis.understood}")
    return "\n\n".join(each for each in parts if each)


def _unmarked(text: str) -> str:
    """Without the marks, and the spaces that stood before them."""
    return re.sub(rf"\s*{MARK.pattern}", "", text)


def _table(table: Table) -> str:
    rows = table.rows[:_MOST_ROWS]
    left = table.more + len(table.rows) - len(rows)
    lines = [table.title, "\t".join(table.heads), *("\t".join(row) for row in rows)]
    return "\n".join([*lines, *([f"and {left:,} more"] if left else [])])
