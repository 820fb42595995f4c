"""People as JSON, to be added to an audience or taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postcall.api.atoms.errors import AtomsError
from postcall.api.atoms.replies import check_id
from postcall.domain.audiences import Contact
from postcall.domain.calls import Json
from postcall.domain.folding import storable
from postcall.errors import BadInput
from postcall.outbound.contacts import MAX_COLUMN_NAME, MAX_COLUMNS, PHONE_COLUMN
from postcall.outbound.numbers import read_number

MAX_AT_ONCE = 10_000
_SHOWN = 5


def read_members(body: dict[str, Any], *, phone_column: str) -> list[Contact]:
    """The `members` of a body; 400 names the first of them that are wrong.

    The number may also be under `phoneNumber`, whatever the audience calls its column.
    """
    given = _read_list(body, "members")
    if len(given) > MAX_AT_ONCE:
        raise AtomsError(400, f"members: at most {MAX_AT_ONCE} can be added at once, not {len(given)}")
    faults: list[str] = []
    contacts: list[Contact] = []
    for index, each in enumerate(given):
        try:
            contacts.append(_read_member(each, phone_column))
        except BadInput as error:
            faults.append(f"members[{index}]: {error.message}")
        if len(faults) == _SHOWN:
            break
    if faults:
        raise AtomsError(400, *faults)
    return contacts


def read_ids(body: dict[str, Any]) -> list[str]:
    """The `memberIds` of a body."""
    given = _read_list(body, "memberIds")
    if not all(isinstance(each, str) for each in given):
        raise AtomsError(400, "memberIds: Expected strings")
    return [check_id(each, what="member") for each in given]


def _read_list(body: dict[str, Any], name: str) -> Sequence[Any]:
    if name not in body:
        raise AtomsError(400, f"{name}: Required")
    found = body[name]
    if not isinstance(found, list) or not found:
        raise AtomsError(400, f"{name}: Expected a list with something in it")
    return found


def _read_member(member: Any, phone_column: str) -> Contact:
    if not isinstance(member, dict):
        raise BadInput("Expected an object")
    data: dict[str, Json] = {storable(name): _read_value(value) for name, value in member.items() if value is not None}
    if len(data) > MAX_COLUMNS or any(len(name) > MAX_COLUMN_NAME for name in data):
        raise BadInput(f"at most {MAX_COLUMNS} fields with names of {MAX_COLUMN_NAME} characters are taken")
    written = data.get(phone_column, data.get(PHONE_COLUMN))
    if written is None or isinstance(written, bool | float):
        raise BadInput(f"Each member must have a {phone_column} field")
    return Contact(read_number(str(written)), data)


def _read_value(value: Any) -> Json:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool | int | float):
        return value
    raise BadInput("Invalid input: a field is a text, a number, true or false")
