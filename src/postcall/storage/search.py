"""Full-text search of transcripts: SQLite's FTS5, PostgreSQL's tsvector, and the same calls found by both.

Both index the words of `domain/said_words.py` and take no part in parting or folding them. FTS5 keeps where each word
stands, so it finds phrases by itself. A tsvector would keep 256 places of a word in a call and none behind the 16,383rd
word, so on PostgreSQL it holds no places: it finds the calls that have a phrase's words, and the text says in which
they stand together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from postcall.domain.said_words import document_of
from postcall.domain.searching import Alternative, Search, Term, read_search
from postcall.storage.schema import agents, calls

_LONGEST_VECTOR = 1_000_000
"""Bytes; PostgreSQL refuses 1,048,576. The different words beyond that, which no speech has, are left out."""


def index_transcript(connection: Connection, call_pk: int, texts: Sequence[str]) -> None:
    """Make a call findable by these texts, one a turn; a call is put in once, later by `reindex_transcript`."""
    if texts:
        _insert(connection, call_pk, document_of(texts))


def reindex_transcript(connection: Connection, call_pk: int, before: Sequence[str], after: Sequence[str]) -> None:
    """Make a call findable by `after` and no longer by `before`, which has to be all that it was indexed by."""
    old, new = (document_of(before), document_of(after)) if before else ("", "")
    if before and old == new:
        return
    if before and connection.dialect.name == "postgresql":
        connection.execute(_FORGET, {"call_pk": call_pk})
    elif before:
        connection.execute(_FORGET_FTS, {"call_pk": call_pk, "document": old})
    index_transcript(connection, call_pk, after)


def search_calls(connection: Connection, account_pk: int, words: str, *, limit: int | None) -> list[int]:
    """The keys of the account's calls that match, the newest key first; none where there is no word in `words`.

    The syntax is that of `domain/searching.py`, and nothing is a mistake in it.
    """
    search = read_search(words)
    found = _matching(connection, account_pk, search, sa.select(calls.c.pk))
    if found is None:
        return []
    return list(connection.execute(found.order_by(_newest_first(connection, search)).limit(limit)).scalars())


def search_keys(connection: Connection, account_pk: int, words: str, *, first: int, last: int) -> list[int]:
    """The same from the first to the last of these keys, both included; it costs no more than they do.

    In no order, and maybe with calls of other accounts: whoever asks leaves these out. To ask SQLite whose a call is
    would take three times as long as to find it.
    """
    search = read_search(words)
    if _is_in_index(connection, search) and search.alternatives:
        key, condition = _tell_fts(search.alternatives)
        alone = sa.select(key).select_from(_FTS).where(condition, key.between(first, last))
        return list(connection.execute(alone).scalars())
    found = _matching(connection, account_pk, search, sa.select(calls.c.pk))
    if found is None:
        return []
    return list(connection.execute(found.where(calls.c.pk.between(first, last))).scalars())


@dataclass(frozen=True, slots=True)
class Hit:
    """A call that was found."""

    pk: int
    id: str
    agent: str
    """The agent's slug."""
    started_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Hits:
    """The newest calls that were found, and how many there are."""

    calls: tuple[Hit, ...]
    total: int


def find_calls(
    connection: Connection,
    account_pk: int,
    search: Search,
    *,
    agent_pk: int | None = None,
    agent_pks: Collection[int] | None = None,
    limit: int,
) -> Hits:
    """The calls that match, the newest start first; with `agent_pks` those of these agents alone."""
    found = _matching(connection, account_pk, search, sa.select(calls.c.pk))
    if found is None:
        return Hits((), 0)
    if agent_pk is not None:
        found = found.where(calls.c.agent_pk == agent_pk)
    if agent_pks is not None:
        found = found.where(calls.c.agent_pk.in_(agent_pks))
    total = connection.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar_one()
    rows = connection.execute(
        found.join(agents, calls.c.agent_pk == agents.c.pk)
        .with_only_columns(calls.c.pk, calls.c.id, agents.c.slug, calls.c.started_at, calls.c.revision)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(limit)
    )
    return Hits(tuple(Hit(row.pk, row.id, row.slug, row.started_at, row.revision) for row in rows), int(total))


def matching_keys(connection: Connection, account_pk: int, search: Search) -> sa.Select[Any] | None:
    """The keys of the account's calls that match, to be selected from; None where nothing can match."""
    if any(not each.required and not each.excluded for each in search.alternatives):  # no word has to be said
        return sa.select(calls.c.pk).where(calls.c.account_pk == account_pk)
    return _matching(connection, account_pk, search, sa.select(calls.c.pk))


def _insert(connection: Connection, call_pk: int, document: str) -> None:
    if connection.dialect.name == "postgresql":
        words = _vector_words(document)
        connection.execute(_INSERT, {"call_pk": call_pk, "words": words, "said": f" {document} "})
    else:
        connection.execute(_INSERT_FTS, {"call_pk": call_pk, "document": document})


def _vector_words(document: str) -> list[str]:
    """The different words, up to what one vector can hold: each takes eight bytes besides its own."""
    kept, size = [], 0
    for word in dict.fromkeys(document.split()):
        size += len(word.encode()) + 8
        if size > _LONGEST_VECTOR:
            break
        kept.append(word)
    return kept


_INSERT = sa.text(
    "INSERT INTO call_search (call_pk, document, said) VALUES (:call_pk, array_to_tsvector(:words), :said)"
).bindparams(sa.bindparam("words", type_=postgresql.ARRAY(sa.Text)))
_FORGET = sa.text("DELETE FROM call_search WHERE call_pk = :call_pk")
_INSERT_FTS = sa.text("INSERT INTO call_search (rowid, document) VALUES (:call_pk, :document)")
_FORGET_FTS = sa.text("INSERT INTO call_search (call_search, rowid, document) VALUES ('delete', :call_pk, :document)")

_VECTORS = sa.table(
    "call_search", sa.column("call_pk", sa.BigInteger), sa.column("document"), sa.column("said", sa.Text)
)
_FTS = sa.table("call_search", sa.column("rowid", sa.BigInteger), sa.column("call_search", sa.Text))


def _matching(connection: Connection, account_pk: int, search: Search, query: sa.Select[Any]) -> sa.Select[Any] | None:
    """The query over the account's calls that match; None where nothing can."""
    if not search.alternatives:
        return None
    mine = query.where(calls.c.account_pk == account_pk)
    tell = _tell_postgresql if connection.dialect.name == "postgresql" else _tell_fts
    holding = [each for each in search.alternatives if each.required]
    lacking = [each for each in search.alternatives if not each.required]
    if not lacking:
        key, condition = tell(holding)
        index = key.table
        assert index is not None
        # With the plus, SQLite goes from the index to the calls, and never asks the index for each call by its key.
        same = key if index is _VECTORS else sa.literal_column("+call_search.rowid", sa.BigInteger)
        return mine.join_from(calls, index, calls.c.pk == same).where(condition)
    # A call in which nobody spoke is in no index, and lacks every word.
    either = [
        ~calls.c.pk.in_(_keys(*tell([Alternative(required=(term,)) for term in each.excluded]))) for each in lacking
    ]
    if holding:
        either.append(calls.c.pk.in_(_keys(*tell(holding))))
    return mine.where(sa.or_(*either))


def _newest_first(connection: Connection, search: Search) -> sa.ColumnElement[int]:
    """The calls' key, or the same as FTS5 knows it, which then yields the newest first and stops at a limit."""
    return (_FTS.c.rowid if _is_in_index(connection, search) else calls.c.pk).desc()


def _is_in_index(connection: Connection, search: Search) -> bool:
    """Whether FTS5's own key is there to be asked for, which it goes through in order."""
    return connection.dialect.name == "sqlite" and all(each.required for each in search.alternatives)


def _keys(key: sa.ColumnClause[int], condition: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(key).where(condition)


def _tell_fts(alternatives: Iterable[Alternative]) -> tuple[sa.ColumnClause[int], sa.ColumnElement[bool]]:
    expression = " OR ".join(f"({_fts_alternative(each)})" for each in alternatives)
    return _FTS.c.rowid, _FTS.c.call_search.op("MATCH", is_comparison=True)(expression)


def _fts_alternative(alternative: Alternative) -> str:
    required = " AND ".join(map(_fts_term, alternative.required))
    if not alternative.excluded:
        return required
    return f"({required}) NOT ({' OR '.join(map(_fts_term, alternative.excluded))})"


def _fts_term(term: Term) -> str:
    """In quotes nothing has a meaning to FTS5, and no word has a quote in it."""
    phrase = f'"{" ".join(term.words)}"'
    return f"{phrase} *" if term.begins else phrase


def _tell_postgresql(alternatives: Iterable[Alternative]) -> tuple[sa.ColumnClause[int], sa.ColumnElement[bool]]:
    told = [
        sa.and_(*map(_has, each.required), *(sa.not_(_has(term)) for term in each.excluded)) for each in alternatives
    ]
    return _VECTORS.c.call_pk, sa.or_(*told)


def _has(term: Term) -> sa.ColumnElement[bool]:
    """The call has all the words and, of a phrase, has them together."""
    *whole, last = (f"'{word}'" for word in term.words)
    query = " & ".join([*whole, f"{last}:*" if term.begins else last])
    words = _VECTORS.c.document.op("@@", is_comparison=True)(sa.cast(query, postgresql.TSQUERY))
    if len(term.words) == 1:
        return words
    together = f"% {' '.join(term.words)}{'' if term.begins else ' '}%"
    return sa.and_(words, _VECTORS.c.said.like(together))
