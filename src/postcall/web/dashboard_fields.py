"""The fields of the editor's forms, of which a tile with many columns has hundreds."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from postcall.api.bodies import read_body
from postcall.errors import BadInput

_MAX_BYTES = 1024 * 1024
_MAX_FIELDS = 3_000


async def read_form(request: Request) -> dict[str, str]:
    """The fields by name, the last one where a name comes twice."""
    body = await read_body(request, limit=_MAX_BYTES)
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise BadInput(f"the form has more than {_MAX_FIELDS:,} fields") from None
    # Neither database takes null bytes, nor a lone half of a character.
    return {name: value.replace("\0", "").encode("utf-8", "replace").decode() for name, value in pairs}
