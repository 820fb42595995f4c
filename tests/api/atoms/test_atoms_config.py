"""An agent's configuration on its way in and out: what comes back, what is refused, what is only remarked on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.api.atoms.config import (
    SECTIONS,
    analytics_config,
    changed_sections,
    config_fields,
    flat_config,
    has_config,
    merge_config,
    metric_entries,
    sectioned_config,
)
from postcall.api.atoms.errors import AtomsError
from postcall.domain.agents import DEFAULT_SUMMARY_PROMPT, VersionConfig
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.storage.version_configs import dump_config, load_config

NEW = VersionConfig(prompt="")
FLAT = {"identifier": "booked", "dispositionMetricPrompt": "Was it booked?", "dispositionMetricType": "BOOLEAN"}
NESTED = {
    "identifier": "reason",
    "dispositionMetricPrompt": "Why did they call? Answer with pain or other.",
    "dispositionValues": {"type": "ENUM"},
    "choices": ["pain", "other"],
}


def with_metrics(*entries: dict[str, Any], config: VersionConfig = NEW) -> VersionConfig:
    return merge_config(config, {"postCallAnalyticsConfig": {"dispositionMetrics": list(entries)}}).config


def faults_of(*entries: Any) -> tuple[str, ...]:
    with pytest.raises(AtomsError) as refused:
        with_metrics(*entries)
    assert refused.value.status == 400
    return refused.value.texts


def test_metrics_come_back_as_they_were_sent_and_in_their_order() -> None:
    config = with_metrics(NESTED, FLAT)
    assert metric_entries(config) == [{**NESTED, "dispositionMetricType": "ENUM"}, FLAT]
    assert config.questions == (
        DispositionMetric("reason", NESTED["dispositionMetricPrompt"], QuestionType.ENUM, ("pain", "other")),  # type: ignore[arg-type]
        DispositionMetric("booked", "Was it booked?", QuestionType.BOOLEAN),
    )


def test_of_two_spellings_of_the_type_the_flat_one_counts() -> None:
    both = {**FLAT, "dispositionValues": {"type": "STRING"}}
    config = with_metrics(both)
    assert config.questions[0].type is QuestionType.BOOLEAN
    assert metric_entries(config) == [both]


def test_a_list_of_metrics_replaces_the_one_before_and_other_keys_stay() -> None:
    before = merge_config(
        with_metrics(FLAT), {"postCallAnalyticsConfig": {"summaryPrompt": "In one line.", "useReasoningModel": True}}
    ).config
    after = with_metrics(NESTED, config=before)
    assert [each.identifier for each in after.questions] == ["reason"]
    assert (after.summary_prompt, after.use_reasoning_model) == ("In one line.", True)
    assert analytics_config(after)["summaryPrompt"] == "In one line."


def test_questions_that_were_changed_elsewhere_are_what_is_shown() -> None:
    sent = with_metrics(FLAT, NESTED)
    changed = replace(sent.questions[1], choices=("pain", "check-up"))
    added = DispositionMetric("mood", "How were they?", QuestionType.STRING)
    assert metric_entries(replace(sent, questions=(added, changed, sent.questions[0]))) == [
        {"identifier": "mood", "dispositionMetricPrompt": "How were they?", "dispositionMetricType": "STRING"},
        {
            "identifier": "reason",
            "dispositionMetricPrompt": NESTED["dispositionMetricPrompt"],
            "dispositionMetricType": "ENUM",
            "choices": ["pain", "check-up"],
        },
        FLAT,
    ]


def test_a_summary_prompt_that_nobody_set_is_empty_and_ours_is_used() -> None:
    assert analytics_config(NEW)["summaryPrompt"] == ""
    config = merge_config(NEW, {"postCallAnalyticsConfig": {"summaryPrompt": "Kurz."}}).config
    assert config.summary_prompt == "Kurz."
    emptied = merge_config(config, {"postCallAnalyticsConfig": {"summaryPrompt": ""}}).config
    assert (emptied.summary_prompt, analytics_config(emptied)["summaryPrompt"]) == (DEFAULT_SUMMARY_PROMPT, "")
    assert analytics_config(replace(config, summary_prompt="Set elsewhere."))["summaryPrompt"] == "Set elsewhere."


def test_which_model_is_asked_is_what_the_two_switches_say() -> None:
    def switched(**switches: bool) -> VersionConfig:
        return merge_config(NEW, {"postCallAnalyticsConfig": switches}).config

    assert not switched().asks_agent_model
    assert switched(useInternalAnalyticsModel=False).asks_agent_model
    assert switched(useReasoningModel=True).use_reasoning_model
    shown = analytics_config(switched(useInternalAnalyticsModel=False, useReasoningModel=True))
    assert (shown["useInternalAnalyticsModel"], shown["useReasoningModel"]) == (False, True)


def test_success_metrics_are_kept_and_given_back() -> None:
    scale = {"identifier": "polite", "successMetricPrompt": "Were they?", "successMetricType": "PASS_FAIL"}
    config = merge_config(NEW, {"postCallAnalyticsConfig": {"successMetrics": [scale]}}).config
    assert analytics_config(config)["successMetrics"] == [scale]
    assert config.questions == ()


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        pytest.param({**FLAT, "identifier": "Not Good"}, "dispositionMetrics[0] (Not Good).identifier: ", id="form"),
        pytest.param({**FLAT, "identifier": ""}, "dispositionMetrics[0].identifier: Required", id="no identifier"),
        pytest.param({**FLAT, "dispositionMetricPrompt": " "}, ".dispositionMetricPrompt: Required", id="no prompt"),
        pytest.param({**FLAT, "dispositionMetricType": "FLOAT"}, "Must be one of STRING, BOOLEAN", id="unknown type"),
        pytest.param({**FLAT, "dispositionMetricType": None}, "dispositionMetricType: Required", id="no type"),
        pytest.param({**FLAT, "dispositionMetricType": "ENUM"}, "choices: Required for ENUM", id="no choices"),
        pytest.param({**FLAT, "choices": ["a"]}, "Only ENUM has choices, and this is BOOLEAN", id="needless choices"),
        pytest.param({**NESTED, "choices": ["a", "a"]}, "Must not hold a choice twice", id="choice twice"),
        pytest.param({**NESTED, "choices": ["a", " "]}, "Must not hold an empty choice", id="empty choice"),
        pytest.param({**NESTED, "choices": "a"}, "choices: Must be a list of strings", id="choices no list"),
        pytest.param("booked", "dispositionMetrics[0]: Must be an object", id="no object"),
    ],
)
def test_a_metric_that_could_not_be_asked_is_refused_in_words(entry: Any, text: str) -> None:
    [told] = faults_of(entry)
    assert text in told


def test_each_fault_is_told_and_named() -> None:
    told = faults_of(FLAT, {**FLAT, "dispositionMetricType": "ENUM"}, {"identifier": "x"})
    assert told == (
        "dispositionMetrics[1] (booked).choices: Required for ENUM",
        "dispositionMetrics[1] (booked).identifier: Stands in dispositionMetrics[0] already",
        "dispositionMetrics[2] (x).dispositionMetricPrompt: Required",
        "dispositionMetrics[2] (x).dispositionMetricType: Required",
    )


def test_authoring_rules_are_remarks_beside_what_is_saved() -> None:
    entries = [
        {**NESTED, "dispositionMetricPrompt": "Why did they call? Return 'none' if they had no reason."},
        {**FLAT, "dispositionMetricPrompt": "Was it booked? If no visit was named, skip this metric."},
        {
            "identifier": "count",
            "dispositionMetricPrompt": "How many visits were named? Return 'unknown' if not mentioned.",
            "dispositionMetricType": "INTEGER",
        },
    ]
    merged = merge_config(NEW, {"postCallAnalyticsConfig": {"dispositionMetrics": entries}})
    assert len(merged.config.questions) == 3
    assert {warning.partition(":")[0] for warning in merged.warnings} == {"reason", "booked", "count"}
    assert merge_config(NEW, {"postCallAnalyticsConfig": {"dispositionMetrics": [FLAT]}}).warnings == ()


def test_the_agent_speaks_by_its_single_prompt_and_otherwise_by_the_global_one() -> None:
    globally = merge_config(NEW, {"globalPrompt": "You are Ann."}).config
    assert (globally.prompt, flat_config(globally)["globalPrompt"]) == ("You are Ann.", "You are Ann.")
    both = merge_config(globally, {"singlePromptConfig": {"prompt": "You are Bob."}}).config
    assert (both.prompt, flat_config(both)["prompt"], flat_config(both)["globalPrompt"]) == (
        "You are Bob.",
        "You are Bob.",
        "You are Ann.",
    )
    later = merge_config(both, {"globalPrompt": "You are Cid."}).config
    assert (later.prompt, flat_config(later)["globalPrompt"]) == ("You are Bob.", "You are Cid.")
    assert merge_config(later, {"singlePromptConfig": {"prompt": ""}}).config.prompt == "You are Cid."


def test_tools_stay_where_only_the_prompt_is_changed() -> None:
    tool = {"type": "end_call", "name": "bye", "description": "Ends it."}
    config = merge_config(NEW, {"singlePromptConfig": {"prompt": "A", "tools": [tool]}}).config
    config = merge_config(config, {"singlePromptConfig": {"prompt": "B"}}).config
    assert sectioned_config(config)["workflow_tools"] == {"tools": [tool]}
    assert config.prompt == "B"


def test_objects_are_merged_by_field_and_variables_are_replaced() -> None:
    config = merge_config(
        NEW,
        {
            "language": {"default": "hi", "supported": ["hi", "en"]},
            "synthesizer": {"speed": 1.1, "voiceConfig": {"voiceId": "nyah"}},
            "defaultVariables": {"a": 1, "b": 2},
        },
    ).config
    patch: dict[str, Any] = {
        "language": {"switching": {"isEnabled": False}},
        "synthesizer": {"voiceConfig": {"gender": "male"}, "speed": None},
        "defaultVariables": {"c": 3},
    }
    fields = config_fields(merge_config(config, patch).config)
    assert fields["language"] == {"default": "hi", "supported": ["hi", "en"], "switching": {"isEnabled": False}}
    assert fields["synthesizer"] == {"speed": 1.1, "voiceConfig": {"voiceId": "nyah", "gender": "male"}}
    assert fields["defaultVariables"] == {"c": 3}


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        pytest.param({"globalPrompt": "x" * 4001}, "globalPrompt: Must have at most 4000 characters", id="prompt"),
        pytest.param({"firstMessage": "x" * 501}, "firstMessage: Must have at most 500 characters", id="greeting"),
        pytest.param(
            {"sessionTimeoutConfig": {"timeoutTimeInSecs": 3601}},
            "sessionTimeoutConfig.timeoutTimeInSecs: Must be at most 3600",
            id="session",
        ),
        pytest.param({"slmModel": 5}, "slmModel: Must be a string", id="model"),
        pytest.param({"language": {"default": "fr", "supported": ["en"]}}, "'fr' is not among", id="language"),
        pytest.param({"backgroundSound": "zoo"}, "backgroundSound: Must be one of", id="sound"),
        pytest.param({"allowInterruptions": "yes"}, "allowInterruptions: Must be true or false", id="flag"),
        pytest.param({"singlePromptConfig": "You"}, "singlePromptConfig: Must be an object", id="no object"),
        pytest.param({"postCallAnalyticsConfig": {"dispositionMetrics": {}}}, "Must be a list", id="no list"),
    ],
)
def test_what_goes_past_a_limit_is_refused(patch: dict[str, Any], text: str) -> None:
    with pytest.raises(AtomsError) as refused:
        merge_config(NEW, patch)
    [told] = refused.value.texts
    assert text in told


def test_the_prompt_of_a_pushed_project_is_changed_where_it_is_written() -> None:
    pushed = VersionConfig(project="0" * 64)
    for patch in ({"globalPrompt": "You are Ann."}, {"singlePromptConfig": {"prompt": "x"}}, {"firstMessage": "Hi"}):
        with pytest.raises(AtomsError) as refused:
            merge_config(pushed, patch)
        assert "runs a project that was pushed" in refused.value.texts[0]
    kept = with_metrics(FLAT, config=pushed)
    assert (kept.project, kept.prompt, len(kept.questions)) == ("0" * 64, None, 1)
    assert merge_config(pushed, {"globalPrompt": ""}).config.project == "0" * 64


def test_a_body_without_config_fields_is_known_as_one() -> None:
    assert not has_config({"name": "x", "telephonyProductId": ["y"], "globalPrompt": None})
    assert has_config({"globalPrompt": ""})


def test_a_change_is_told_by_its_section() -> None:
    changed = merge_config(with_metrics(FLAT), {"firstMessage": "Hello", "backgroundSound": "cafe"}).config
    assert changed_sections(NEW, changed) == ("workflow_prompt", "analytics", "audio")
    assert tuple(sectioned_config(changed)) == SECTIONS
    assert changed_sections(changed, changed) == ()


_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_ENTRY = st.fixed_dictionaries(
    {
        "identifier": st.from_regex(r"\A[a-z0-9_]{1,20}\Z"),
        "dispositionMetricPrompt": _TEXT.filter(str.strip),
        "dispositionMetricType": st.sampled_from([each for each in QuestionType if each is not QuestionType.ENUM]),
    },
    optional={"choices": st.just([]), "note": _JSON.filter(lambda value: value is not None)},
)


@given(entries=st.lists(_ENTRY, max_size=5, unique_by=lambda each: str(each["identifier"])))
def test_any_metrics_survive_the_record(entries: list[dict[str, Any]]) -> None:
    config = load_config(dump_config(with_metrics(*entries)))
    assert metric_entries(config) == entries
    again = with_metrics(*metric_entries(config), config=config)
    assert again == config


@given(
    patch=st.dictionaries(
        st.sampled_from(["singlePromptConfig", "postCallAnalyticsConfig", "language", "synthesizer", "slmModel"])
        | st.sampled_from(["globalPrompt", "firstMessage", "defaultVariables", "timezone", "pronunciationDicts"])
        | _TEXT,
        _JSON,
        max_size=4,
    )
)
def test_any_patch_is_taken_or_refused_in_words(patch: dict[str, Any]) -> None:
    try:
        merged = merge_config(NEW, patch).config
    except AtomsError as refused:
        assert refused.status == 400
        assert refused.texts
        return
    assert merge_config(merged, patch).config == merged
    assert flat_config(load_config(dump_config(merged))) == flat_config(merged)
