"""Variables and references: what stands in a text when a model or a listener gets it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.runtime.texts.by_hand import BAKERY, values

from postcall.runtime.texts.references import DEEPEST, render


def shown(text: str, *, flow: str | None = None, language: str = "en-US", **state: str) -> str:
    return render(text, values(state=state, language=language), BAKERY, flow=flow).text


def named(text: str, *, flow: str | None = None, **state: str) -> list[str]:
    return [spec.name for spec in render(text, values(state=state), BAKERY, flow=flow).functions]


def test_a_variable_is_replaced_by_its_value() -> None:
    assert shown("Hello $name, ${name}!", name="Ann") == "Hello Ann, Ann!"


def test_the_longest_name_wins() -> None:
    assert shown("$date and $date_text", date="no", date_text="Monday") == "no and Monday"
    assert shown("$date_text", date="no") == "$date_text"
    assert shown("${date}_text", date="Monday") == "Monday_text"


def test_a_price_and_an_unknown_name_stay_as_they_are() -> None:
    assert shown("It is $8.99 for $nobody, ${nobody} and $ 5") == "It is $8.99 for $nobody, ${nobody} and $ 5"


def test_there_is_no_access_into_a_value() -> None:
    assert shown("$order.id", order="bread") == "bread.id"


def test_attributes_are_those_of_the_active_variant() -> None:
    assert shown("{{attr:shop}} / ${variant_shop}") == "the northern shop / the northern shop"
    assert shown("[{{attr:beach}}]") == "[]"


def test_a_state_variable_that_is_unset_is_nothing_in_braces() -> None:
    assert shown("[{{vrbl:name}}]") == "[]"
    assert shown("[{{vrbl:name}}]", name="Ann") == "[Ann]"


def test_an_entity_shows_its_value_or_nothing() -> None:
    assert render("{{entity:day}}", values(entities={"day": "Monday"}), BAKERY, flow=None).text == "Monday"
    assert shown("[{{entity:day}}]") == "[]"


def test_what_the_user_said_is_never_read_for_references() -> None:
    said = values(entities={"day": "{{fn:hang_up}} $name"}, state={"name": "Ann", "summary": "{{entity:day}}"})
    for text in ("{{entity:day}}", "{{vrbl:summary}}", "$summary"):
        rendered = render(text, said, BAKERY, flow=None)
        assert rendered.functions == ()
        assert "$name" in rendered.text


def test_a_translation_is_in_the_conversations_language_or_the_default_one() -> None:
    assert shown("{{tn:bye}}", language="de-DE", name="Ann") == "Tschüss, Ann"
    assert shown("{{tn:bye}}", language="de-AT", name="Ann") == "Tschüss, Ann"
    assert shown("{{tn:only_here}}", language="de-DE") == "Here"


def test_names_of_templates_and_handoffs_stand_for_themselves() -> None:
    assert shown("{{twilio_sms:hours}} {{ho:Front_Desk}}") == "hours Front_Desk"


def test_a_reference_that_nothing_answers_to_becomes_its_plain_name() -> None:
    text = "{{fn:nowhere}} {{attr:nowhere}} {{tn:nowhere}} {{entity:nowhere}} {{odd:nowhere}} {{nowhere}}"
    assert shown(text) == "nowhere nowhere nowhere nowhere nowhere nowhere"


def test_a_named_function_is_offered_once_and_in_order() -> None:
    assert named("{{fn:send_hours}}('x') {{fn:start_order}} {{fn:send_hours}}") == ["send_hours", "start_order"]


def test_a_function_that_may_not_be_offered_is_only_named() -> None:
    assert named("{{fn:hidden}} {{fn:start_function}} {{fn:nowhere}} {{ft:take_order}}") == []


def test_a_flows_own_function_is_found_within_its_flow() -> None:
    assert named("{{ft:take_order}}", flow="Order") == ["take_order"]
    assert named("{{fn:take_order}}", flow="Order") == []
    assert named("{{ft:take_order}}", flow="Nowhere") == []


def test_rules_that_stand_in_the_state_name_functions_too() -> None:
    assert named("{{vrbl:rules}}", rules="Use {{fn:start_order}} for $kind", kind="{{fn:hang_up}}") == [
        "start_order",
        "hang_up",
    ]
    assert shown("{{fn:$which}}", which="hang_up") == "hang_up"


def test_values_that_name_each_other_end() -> None:
    assert shown("$a", a="x$b", b="y$a") == "xy$a"
    assert shown("{{vrbl:a}}", a="x{{vrbl:b}}", b="y{{vrbl:a}}") == "xy"


def test_values_that_double_each_other_do_not_fill_the_memory() -> None:
    state = {f"v{n}": f"$v{n + 1}$v{n + 1}" + "x" * 1000 for n in range(DEEPEST + 20)}
    assert len(shown("$v0", **state)) < 1_000_000


def test_parts_for_another_channel_or_language_are_left_out() -> None:
    text = "a<channel:voice>b</channel><channel:webchat>c</channel><language:de>d</language><language:en>e</language>"
    assert shown(text) == "abe"
    assert render(text, values(channel="webchat.polyai", language="de-DE"), BAKERY, flow=None).text == "acd"
    assert render(text, values(channel="sms.twilio", language="fr-FR"), BAKERY, flow=None).text == "a"


def test_the_chat_in_which_an_agent_is_tried_hears_what_callers_hear() -> None:
    text = "<channel:voice>b</channel><channel:webchat>c</channel>"
    assert render(text, values(channel="chat.polyai"), BAKERY, flow=None).text == "b"


def test_tagged_parts_stand_within_each_other() -> None:
    text = "<channel:voice>1<language:en-US>2</language><language:de>3</language>4</channel>5"
    assert shown(text) == "1245"


def test_a_function_in_a_part_that_is_left_out_is_not_offered() -> None:
    assert named("<channel:webchat>{{fn:hang_up}}</channel>{{fn:start_order}}") == ["start_order"]


def test_a_tag_without_its_counterpart_loses_nothing() -> None:
    assert shown("a<channel:webchat>b") == "a<channel:webchat>b"
    assert shown("a</channel>b") == "a</channel>b"
    assert shown("<channel:voice>a<language:de>b</channel>c") == "a<language:de>bc"


FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(["$a", "${b}", "$", "{", "}", "{{", "}}", "$8.99", "word", "\n"]),
        st.sampled_from(["vrbl:a", "vrbl:b", "fn:hang_up", "attr:shop", "entity:day", "tn:bye", "x"]).map(
            lambda name: f"{{{{{name}}}}}"
        ),
        st.sampled_from(["<channel:voice>", "</channel>", "<language:de>", "</language>"]),
    ),
    max_size=12,
).map("".join)


@given(text=FRAGMENTS, a=FRAGMENTS, b=FRAGMENTS)
def test_no_text_crashes_or_leaves_a_reference_in_braces(text: str, a: str, b: str) -> None:
    rendered = render(text, values(state={"a": a, "b": b}), BAKERY, flow="Order")
    for kind in ("vrbl", "fn", "attr", "entity", "tn"):
        assert f"{{{{{kind}:hang_up}}}}" not in rendered.text
        assert f"{{{{{kind}:a}}}}" not in rendered.text
    assert [spec.name for spec in rendered.functions] in ([], ["hang_up"])


@given(st.text(alphabet="abc.,!? \n<>/:", max_size=60))
def test_a_text_without_signs_is_itself(text: str) -> None:
    assert shown(text) == text


@given(kept=st.text(alphabet="abc <>", max_size=10), dropped=st.text(alphabet="xyz <>", max_size=10))
def test_a_balanced_part_is_kept_or_dropped_whole(kept: str, dropped: str) -> None:
    assert shown(f"<channel:voice>{kept}</channel>|<channel:sms>{dropped}</channel>") == f"{kept}|"
