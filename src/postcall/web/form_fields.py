"""The fields of a small form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from fastapi import Request

from postcall.api.bodies import read_body
from postcall.errors import BadInput, NotFound

_MAX_BYTES = 2 * 1024 * 1024
_MAX_FIELDS = 50
_LARGEST = 2**31 - 1


async def read_pairs(request: Request, *, most: int) -> list[tuple[str, str]]:
    """Every field in order, for forms in which a name may come more than once."""
    body = await read_body(request, limit=_MAX_BYTES)
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise BadInput(f"the form has more than {most} fields") from None
    # Neither database takes null bytes, nor a lone half of a character.
    return [(name, value.replace("\0", "").encode("utf-8", "replace").decode()) for name, value in pairs]


async def read_fields(request: Request) -> dict[str, str]:
    """The fields by name, the last one where a name comes twice."""
    return dict(await read_pairs(request, most=_MAX_FIELDS))


def read_number(fields: Mapping[str, str], name: str) -> int:
    """A whole number from 1, or BadInput that names the field."""
    text = fields.get(name, "").strip()
    if not _is_number(text):
        raise BadInput(f"{name}: must be a whole number from 1, not {text[:20]!r}", field=name)
    return int(text)


def version_number(text: str) -> int:
    """The number of a version in an address; NotFound where there can be none such."""
    if not _is_number(text):
        raise NotFound(f"there is no version {text[:20]!r}")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and 1 <= int(text) <= _LARGEST


def read_line(fields: Mapping[str, str], name: str, *, longest: int = 200) -> str | None:
    """A line of text; None where it was left empty."""
    text = " ".join(fields.get(name, "").split())
    if len(text) > longest:
        raise BadInput(f"{name}: at most {longest} characters, not {len(text)}", field=name)
    return text or None


def read_moment_field(text: str, name: str) -> datetime | None:
    """What a browser's field for date and time holds, in UTC as the pages say; None where it is empty."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{name}: {text[:40]!r} is no date and time", field=name) from None
