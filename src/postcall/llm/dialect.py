"""What an endpoint takes, and how that is learned from what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from postcall.llm.complaint import Complaint

COMPLAINT_STATUSES = frozenset({400, 404, 415, 422, 501})
"""The statuses under which servers say that they do not know a parameter."""

_ABOUT_FORMAT = re.compile(
    r"response[_ ]?format|json[_ ]?schema|json[_ ]?object|json[_ ]mode|structured[_ ]?outputs?|grammar|guided",
    re.IGNORECASE,
)
_ABOUT_ONE_SCHEMA = re.compile(r"invalid schema|invalid_json_schema|schema.{0,40}too complex|parse grammar", re.I)
_ABOUT_TOKEN_LIMIT = re.compile(r"max_(completion_)?tokens")


class Format(Enum):
    """How a reply is held to JSON, from the strongest."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PLAIN = "plain"


_WEAKER = {Format.SCHEMA: Format.OBJECT, Format.OBJECT: Format.PLAIN}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of one model behind one endpoint."""

    format: Format = Format.SCHEMA
    refused_schemas: frozenset[bytes] = frozenset()
    """Schemas that it does not take although it may take others."""
    token_limits: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names for the token limit that were not refused; the first is used."""

    def format_for(self, schema: bytes) -> Format:
        """The strongest format that may work for a schema."""
        if self.format is Format.SCHEMA and schema in self.refused_schemas:
            return Format.OBJECT
        return self.format


def learn(dialect: Dialect, complaint: Complaint, *, schema: bytes, limited: bool) -> Dialect | None:
    """The dialect to try after a complaint; None where it is not about the dialect, or nothing weaker is left.

    `schema` is the one that the refused request had, `limited` says that it had a token limit.
    """
    if complaint.status not in COMPLAINT_STATUSES:
        return None
    if limited and dialect.token_limits and _is_about(complaint, _ABOUT_TOKEN_LIMIT):
        return replace(dialect, token_limits=dialect.token_limits[1:])
    if not _is_about(complaint, _ABOUT_FORMAT):
        return None
    used = dialect.format_for(schema)
    if used is Format.SCHEMA and _ABOUT_ONE_SCHEMA.search(f"{complaint.code} {complaint.head}"):
        return replace(dialect, refused_schemas=dialect.refused_schemas | {schema})
    return replace(dialect, format=_WEAKER[used]) if used in _WEAKER else None


def _is_about(complaint: Complaint, subject: re.Pattern[str]) -> bool:
    return bool(subject.search(complaint.param or complaint.head))
