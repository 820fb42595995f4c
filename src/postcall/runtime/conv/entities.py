"""What default steps have collected, as functions see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from postcall.runtime.conv.mappings import Entities
from postcall.runtime.conv.plain import as_json_or_text, as_text, is_set
from postcall.runtime.protocol import CollectedEntity


class EntityType(StrEnum):
    """What kind of value an entity is."""

    NUMERIC = "numeric"
    QUANTITY = "quantity"
    CURRENCY = "currency"
    NAME = "name"
    FREE_TEXT = "free_text"
    ALPHANUMERIC = "alphanumeric"
    DATE = "date"
    EMAIL = "email"
    TIME = "time"
    PHONE_NUMBER = "phone_number"
    ENUM = "enum"
    ADDRESS = "address"


class NumericType(StrEnum):
    """What kind of number."""

    INTEGER = "integer"
    FLOAT = "float"


@dataclass
class EntityValidationResult:
    """A value that was given for an entity."""

    id: str
    name: str
    valid: bool
    value: str
    type: EntityType
    error: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "valid": self.valid,
            "value": self.value,
            "type": str(self.type),
            "error": self.error,
            "details": dict(self.details),
        }

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> EntityValidationResult:
        return cls(
            d["id"],
            d["name"],
            bool(d["valid"]),
            d["value"],
            _entity_type(d["type"]),
            d.get("error"),
            dict(d.get("details") or {}),
        )


_OTHER_NAMES = {"name_config": EntityType.NAME}
"""As entities.yaml has them."""


def _entity_type(name: str) -> EntityType:
    return _OTHER_NAMES.get(name) or EntityType(name)


def entities_of(collected: Mapping[str, CollectedEntity]) -> Entities:
    """The entities of a conversation, by name."""
    return Entities(
        {
            name: EntityValidationResult(
                one.id, one.name, one.valid, one.value, _entity_type(one.type), one.error, dict(one.details)
            )
            for name, one in collected.items()
        }
    )


def collected_from(entities: Mapping[str, Any], before: Mapping[str, CollectedEntity]) -> dict[str, CollectedEntity]:
    """The other way round. What a function put there that is no result of a validation is its text, and valid."""
    return {as_text(name): _collected(as_text(name), one, before) for name, one in entities.items() if one is not None}


def _collected(name: str, one: Any, before: Mapping[str, CollectedEntity]) -> CollectedEntity:
    if not isinstance(one, EntityValidationResult):
        earlier = before.get(name)
        kind = earlier.type if earlier else EntityType.FREE_TEXT.value
        return CollectedEntity(earlier.id if earlier else name, name, True, as_text(one), kind)
    earlier = before.get(name)
    kind = earlier.type if earlier and _entity_type(earlier.type) == one.type else as_text(one.type)
    return CollectedEntity(
        as_text(one.id),
        as_text(one.name),
        is_set(one.valid),
        as_text(one.value),
        kind,
        None if one.error is None else as_text(one.error),
        details if isinstance(details := as_json_or_text(one.details), dict) else {},
    )
