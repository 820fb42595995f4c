"""What functions are told of their project."""

from __future__ import annotations

from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.static import boot_frame, static_project
from postcall.runtime.projects.model import (
    ApiIntegration,
    Flow,
    HandoffTarget,
    Project,
    SmsTemplate,
    Topic,
)
from postcall.runtime.protocol import Boot, decode_to_process, encode

PROJECT = Project(
    "bakery",
    "default",
    "Corner Bakery",
    default_language="en-GB",
    additional_languages=("fr-FR",),
    topics=(Topic("Hours", "From seven.", "", ()),),
    flows={"Take an order": Flow("Take an order", "take_order", "", "Ask", {}, {}, {})},
    handoffs={"desk": HandoffTarget("desk", "The desk.", True, {"method": "refer"}, {"X-Why": "$why"})},
    sms_templates={"receipt": SmsTemplate("receipt", "Thanks", {"live": "+441134960000"})},
    variants={"north": {"city": "Leeds"}},
    default_variant="north",
    translations={"hello": {"en-GB": "Hello", "fr-FR": "Bonjour"}},
    api_integrations={"stock": ApiIntegration("stock", {"live": {"base_url": "http://127.0.0.1"}}, {"get": {}})},
    sources={"functions/a.py": "A = 1\n"},
)


def test_functions_are_told_all_that_conv_shows_of_the_project() -> None:
    static = static_project(PROJECT)
    assert (static.account_id, static.project_id) == ("default", "bakery")
    assert static.languages == ("en-GB", "fr-FR")
    assert static.flows == {"Take an order": "take_order"}
    assert static.handoffs["desk"]["sip_headers"] == {"X-Why": "$why"}
    assert static.handoffs["desk"]["is_default"] is True
    assert static.sms_templates == {"receipt": {"text": "Thanks", "phone_numbers": {"live": "+441134960000"}}}
    assert (static.variants, static.default_variant) == ({"north": {"city": "Leeds"}}, "north")
    assert static.topics == ("Hours",)
    assert static.api_integrations["stock"]["operations"] == {"get": {}}


def test_the_first_frame_arrives_as_it_was_sent() -> None:
    sent = boot_frame(PROJECT, PoolLimits(memory_mib=300))
    assert sent.limits.memory_bytes == 300 * 1024 * 1024
    got = decode_to_process(encode(sent))
    assert isinstance(got, Boot)
    assert got == sent
