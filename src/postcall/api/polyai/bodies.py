"""Bodies of requests, read into their shapes."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from postcall.errors import BadInput

T = TypeVar("T")


def read_shape(body: bytes, shape: type[T]) -> T:
    """The body as this shape; BadInput names the field that does not fit."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise BadInput(str(error)) from None
    except msgspec.DecodeError as error:
        raise BadInput(f"the body is no JSON: {error}") from None
