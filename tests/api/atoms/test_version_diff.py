"""What differs between two configurations, and what two editors did at once."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from postcall.api.atoms.config import SECTIONS, changed_sections, config_fields, merge_config, sectioned_config
from postcall.api.atoms.version_diff import beside_json, diff_json, diff_sections, rebase_patch, without_known
from postcall.api.atoms.version_format import blocks
from postcall.domain.agents import VersionConfig

WORDS = st.text(min_size=1, max_size=5)
METRICS = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(
    lambda names: [
        {"identifier": name, "dispositionMetricPrompt": f"{name}?", "dispositionMetricType": "STRING"} for name in names
    ]
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "globalPrompt": WORDS,
    "firstMessage": WORDS,
    "slmModel": st.sampled_from(["electron", "gpt-4o"]),
    "backgroundSound": st.sampled_from(["", "office", "cafe"]),
    "allowInterruptions": st.booleans(),
    "defaultVariables": st.dictionaries(st.sampled_from("xyz"), WORDS),
    "sessionTimeoutConfig": st.fixed_dictionaries({}, optional={"timeoutTimeInSecs": st.integers(0, 9)}),
    "language": st.fixed_dictionaries(
        {}, optional={"default": WORDS, "switching": st.fixed_dictionaries({}, optional={"isEnabled": st.booleans()})}
    ),
    "postCallAnalyticsConfig": st.fixed_dictionaries(
        {}, optional={"dispositionMetrics": METRICS, "useReasoningModel": st.booleans(), "summaryPrompt": WORDS}
    ),
}
PATCHES = st.fixed_dictionaries({}, optional=FIELDS)
CONFIGS = PATCHES.map(lambda patch: merge_config(VersionConfig(prompt="Sell."), patch).config)


def patched(config: VersionConfig, patch: dict[str, Any]) -> VersionConfig:
    return merge_config(config, patch).config


def applied(config: VersionConfig, other: VersionConfig) -> dict[str, dict[str, Any]]:
    """The sections of one configuration after the changes that lead to another."""
    sections = sectioned_config(config)
    for section, changes in diff_sections(config, other).items():
        for change in changes:
            at: Any = sections[section]
            *above, name = change.path.split(".")
            for part in above:
                at = at.setdefault(part, {})
            at[name] = change.after
    return sections


def without_nothing(value: Any) -> Any:
    """Without what is not set."""
    if not isinstance(value, dict):
        return value
    shown = {name: without_nothing(each) for name, each in value.items()}
    return {name: each for name, each in shown.items() if each is not None and each != {}}


@given(CONFIGS, CONFIGS)
@settings(max_examples=60)
def test_the_changes_lead_from_one_configuration_to_the_other(one: VersionConfig, other: VersionConfig) -> None:
    assert without_nothing(applied(one, other)) == without_nothing(sectioned_config(other))


@given(CONFIGS, CONFIGS)
@settings(max_examples=60)
def test_every_way_to_compare_names_the_same_sections(one: VersionConfig, other: VersionConfig) -> None:
    changed = set(changed_sections(one, other))
    diff, beside = diff_json(one, other), beside_json(one, other)
    assert {each["section"] for each in diff["diffs"]} == changed
    assert set(diff["unchangedSections"]) == set(SECTIONS) - changed
    assert {section for section, each in beside["sections"].items() if each["changed"]} == changed
    assert beside["hasChanges"] is bool(changed)
    assert {section for section in SECTIONS if blocks(one)[section] != blocks(other)[section]} == changed


@given(CONFIGS, PATCHES)
@settings(max_examples=60)
def test_nobody_else_having_edited_a_patch_does_what_it_says(base: VersionConfig, patch: dict[str, Any]) -> None:
    rebased = rebase_patch(base, base, patch)
    wanted = sectioned_config(patched(base, patch))
    assert sectioned_config(rebased.config) == wanted
    assert rebased.clashes == {}
    assert sectioned_config(patched(base, without_known(patch, base))) == wanted


@given(CONFIGS, PATCHES, PATCHES)
@settings(max_examples=100)
def test_two_edits_either_clash_or_both_stand(
    base: VersionConfig, first: dict[str, Any], second: dict[str, Any]
) -> None:
    latest = patched(base, first)
    rebased = rebase_patch(base, latest, second)
    if rebased.clashes:
        return
    for section, changes in diff_sections(base, latest).items():
        for change in changes:
            assert not any(left.path == change.path for left in diff_sections(latest, rebased.config)[section]), (
                f"{section}.{change.path} was undone"
            )
    ours = {
        (section, change.path, str(change.after))
        for section, changes in diff_sections(base, patched(base, second)).items()
        for change in changes
        if change.after != {}
    }
    stands = {
        (section, change.path, str(change.after))
        for section, changes in diff_sections(base, rebased.config).items()
        for change in changes
    }
    assert ours <= stands


@given(CONFIGS, PATCHES)
@settings(max_examples=60)
def test_who_sends_back_what_was_read_undoes_nothing(base: VersionConfig, first: dict[str, Any]) -> None:
    latest = patched(base, first)
    rebased = rebase_patch(base, latest, config_fields(base))
    assert rebased.clashes == {}
    assert sectioned_config(rebased.config) == sectioned_config(latest)
