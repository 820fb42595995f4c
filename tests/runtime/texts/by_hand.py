"""Projects as the runtime knows them, made without any files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.model import (
    Condition,
    Entity,
    EntityType,
    Flow,
    FunctionSpec,
    Parameter,
    Project,
    Step,
    Topic,
)
from postcall.runtime.protocol import CollectedEntity
from postcall.runtime.texts.references import Values


def a_function(name: str, *parameters: Parameter, flow: str | None = None, offered: bool = True) -> FunctionSpec:
    """A function that a model may call; in `flow` where one is named."""
    folder = "functions" if flow is None else f"flows/{flow.lower()}/functions"
    return FunctionSpec(
        name=name,
        kind=FunctionKind.GLOBAL if flow is None else FunctionKind.TRANSITION,
        file=f"{folder}/{name}.py",
        module=f"{folder.replace('/', '.')}.{name}",
        flow=flow,
        description=f"Does {name}.",
        parameters=parameters,
        offered=offered,
    )


ORDER = Flow(
    name="Order",
    folder="order",
    description="",
    start_step="What",
    steps={
        "What": Step("What", "Ask what they want, then call {{ft:take_order}}.", "flows/order/steps/what.yaml"),
        "When": Step(
            "When",
            "Ask for the day. So far: {{entity:day}}",
            "flows/order/steps/when.yaml",
            is_default=True,
            extracted_entities=("day", "pieces"),
            conditions=(
                Condition("Day known", "The user named a day.", "What", ("day",)),
                Condition("Gives up", "The user does not want to.", None),
            ),
        ),
    },
    function_steps={},
    functions={"take_order": a_function("take_order", flow="Order"), "twin": a_function("twin", flow="Order")},
)

BAKERY = Project(
    project_id="bakery",
    account_id="default",
    name="Corner Bakery",
    personality="You are calm.",
    role="You answer the telephone of {{attr:shop}}.",
    rules="Say less. Orders: {{fn:start_order}}.",
    additional_languages=("de-DE",),
    topics=(
        Topic("Opening hours", "Open from seven to six.", "Offer {{fn:send_hours}}.", ("When are you open?",)),
        Topic("Allergies", "Nuts are in everything.", "", ("I am allergic to nuts",)),
    ),
    functions={name: a_function(name) for name in ("start_order", "send_hours", "hang_up", "twin")}
    | {"hidden": a_function("hidden", offered=False)}
    | {"start_function": replace(a_function("start_function"), kind=FunctionKind.START)},
    flows={"Order": ORDER},
    entities={
        "day": Entity("day", "The day.", EntityType.DATE, {}),
        "pieces": Entity("pieces", "How many.", EntityType.NUMERIC, {}),
    },
    variants={"North": {"shop": "the northern shop"}, "South": {"shop": "the southern shop", "beach": "yes"}},
    default_variant="North",
    translations={"bye": {"en-US": "Goodbye, $name", "de-DE": "Tschüss, $name"}, "only_here": {"en-US": "Here"}},
)


def values(
    *,
    state: Mapping[str, str] | None = None,
    entities: Mapping[str, str] | None = None,
    variant: str = "North",
    language: str = "en-US",
    channel: str = "sip.polyai",
) -> Values:
    """What a conversation of the bakery holds."""
    return Values(
        state_texts=state or {},
        variant=BAKERY.variants[variant],
        entities=entities or {},
        translations=BAKERY.translations,
        language=language,
        default_language="en-US",
        channel=channel,
    )


def collected(name: str, value: str, *, valid: bool = True) -> CollectedEntity:
    """A value of the bakery's entities."""
    entity = BAKERY.entities[name]
    return CollectedEntity(name, name, valid, value, entity.type.value, None if valid else f"{value!r} will not do")
