"""A handoff finds its entry, and without one it is recorded all the same."""

from __future__ import annotations

from dataclasses import replace

from tests.runtime.texts.by_hand import BAKERY

from postcall.runtime.projects.model import HandoffTarget
from postcall.runtime.protocol import AskedHandoff
from postcall.runtime.texts.handoffs import resolve_handoff

BAKER = HandoffTarget("Baker", "", False, {"phone_number": "+15550100", "method": "refer"}, {"X-Shop": "$shop"})
DESK = HandoffTarget("Front desk", "", True, {}, {})
STAFFED = replace(BAKERY, handoffs={"Baker": BAKER, "Front desk": DESK})


def test_an_entry_is_found_whatever_the_case_of_its_name() -> None:
    resolved = resolve_handoff(STAFFED, AskedHandoff("BAKER"))
    assert (resolved.destination, resolved.target, resolved.reason) == ("Baker", BAKER, "Baker")
    assert (resolved.phone_number, resolved.method, resolved.warning) == ("+15550100", "refer", None)


def test_default_and_nothing_mean_the_default_entry() -> None:
    for asked in (AskedHandoff(), AskedHandoff("DEFAULT"), AskedHandoff("default")):
        resolved = resolve_handoff(STAFFED, asked)
        assert (resolved.destination, resolved.target, resolved.warning) == ("Front desk", DESK, None)


def test_an_unknown_name_is_recorded_as_it_was_asked_for_and_goes_to_the_default_entry() -> None:
    resolved = resolve_handoff(STAFFED, AskedHandoff("Manager", reason="COMPLAINT"))
    assert (resolved.destination, resolved.target, resolved.reason) == ("Manager", DESK, "COMPLAINT")
    assert resolved.warning is not None


def test_a_project_without_entries_still_hands_off() -> None:
    resolved = resolve_handoff(BAKERY, AskedHandoff("Manager"))
    assert (resolved.destination, resolved.target, resolved.reason) == ("Manager", None, "Manager")
    assert resolved.warning is not None
    assert resolve_handoff(BAKERY, AskedHandoff()).destination == "default"


def test_what_was_given_goes_before_what_is_configured() -> None:
    asked = AskedHandoff("baker", sip_headers={"X-Shop": "mine", "X-Other": "1"}, route="+15550199", method="invite")
    resolved = resolve_handoff(STAFFED, asked)
    assert resolved.sip_headers == {"X-Shop": "mine", "X-Other": "1"}
    assert (resolved.phone_number, resolved.method) == ("+15550199", "invite")


def test_variables_in_configured_headers_are_filled_in() -> None:
    resolved = resolve_handoff(STAFFED, AskedHandoff("Baker"), render=lambda text: text.replace("$shop", "north"))
    assert resolved.sip_headers == {"X-Shop": "north"}
