"""What is said and called in the steps of the agent's flows, each known by a function that it alone offers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from examples.clinic_script.talk import Talk, from_topics, relay
from examples.clinic_script.words import (
    NO,
    REASONS,
    YES,
    birthday_in,
    day_in,
    has,
    name_in,
    part_in,
    phone_in,
    treatment_in,
)

from postcall.testing import Calls, ModelRequest, ScriptedReply


def choose_treatment(talk: Talk) -> ScriptedReply:
    if talk.result is not None and talk.result.name == "treatment_chosen":  # it was not understood
        return relay(talk, talk.result.content)
    said = talk.since("start_booking")
    treatment = treatment_in(said) or ("check-up" if has(said, r"don't know|not sure|look at it") else None)
    if treatment is None:
        return talk.say(
            "What is it for: a cleaning, a check-up, or something else?",
            "¿Para qué es: una limpieza, una revisión u otra cosa?",
        )
    asked_for_day = has(talk.asked, r"which day|qué día")
    if day_in(said) is None and part_in(said) == "any" and not asked_for_day:
        return talk.say(
            "Which day suits you, and is the morning or the afternoon better?",
            "¿Qué día le conviene, y mejor por la mañana o por la tarde?",
        )
    return Calls(
        "treatment_chosen",
        {"treatment": treatment, "preferred_day": day_in(said) or "any", "part_of_day": part_in(said)},
    )


def offer_times(talk: Talk) -> ScriptedReply:
    return choose_time(talk, chosen="time_chosen", another="another_day_wanted", stop="stop_booking")


def offer_new_times(talk: Talk) -> ScriptedReply:
    return choose_time(talk, chosen="new_time_chosen", another="new_day_given", stop="keep_visit")


def choose_time(talk: Talk, *, chosen: str, another: str, stop: str) -> ScriptedReply:
    times = re.findall(r"\d\) ([^;]+? \d{1,2}:\d{2}(?: [AP]M)?)", talk.request.step)
    offer = talk.say(
        f"I have {' or '.join(times)}. Which one suits you?",
        f"Tengo {' o '.join(times)}. ¿Cuál le conviene?",
    )
    if talk.result is not None:
        return talk.result.content if talk.result.name == chosen else offer
    if has(talk.heard, r"never ?mind|forget it|leave it|keep (it|the)|no appointment|déjelo"):
        return Calls(stop)
    number = number_of(times, talk.heard)
    if number is not None:
        return Calls(chosen, {"number": number})
    if (
        day_in(talk.heard)
        or part_in(talk.heard) != "any"
        or has(talk.heard, NO + r"|other|another|different|later|otr")
    ):
        wanted = {"preferred_day": day_in(talk.heard) or "later", "part_of_day": part_in(talk.heard)}
        return Calls(another, wanted)
    return Calls(chosen, {"number": 1}) if has(talk.heard, YES) else offer


def number_of(times: Sequence[str], heard: str) -> int | None:
    """The free time that is meant."""
    for number, words in ((2, r"second|latter|\btwo\b|segund"), (3, "third"), (1, r"first|earlier|\bone\b|primer")):
        if number <= len(times) and has(heard, rf"{words}|^\D*{number}\D*$"):
            return number
    fitting = [
        number
        for number, each in enumerate(times, start=1)
        if (day_in(heard) in {None, "any"} or day_in(heard) == day_in(each))
        and (part_in(heard) == "any" or (part_in(heard) == "morning") == each.endswith("AM"))
        and all(hour in re.findall(r"(\d+):", each) for hour in re.findall(r"\b(\d{1,2})(?:[: ]|\b)", heard)[:1])
    ]
    says_something = day_in(heard) not in {None, "any"} or part_in(heard) != "any" or has(heard, r"\d")
    return fitting[0] if fitting and says_something else None


def caller_details(talk: Talk) -> ScriptedReply:
    if talk.result is not None and talk.result.name == "details_given":
        return talk.say("I need all of the number, with the area code.", "Necesito el número completo.")
    said = talk.since("time_chosen")
    asked_for_name = has(talk.asked, r"\bname|nombre")
    name, phone = name_in(said if not asked_for_name else talk.heard, asked=asked_for_name), phone_in(said)
    name = name or name_in(said, asked=False) or name_in(talk.since("time_chosen").partition(". ")[2], asked=True)
    if name and phone:
        return Calls("details_given", {"full_name": name, "phone_number": phone})
    if phone:
        return talk.say("Thank you. And what is your full name?", "Gracias. ¿Y su nombre completo?")
    if name:
        return talk.say("Thank you. And your telephone number?", "Gracias. ¿Y su número de teléfono?")
    return talk.say(
        "May I have your full name and your telephone number?", "¿Me dice su nombre completo y su número de teléfono?"
    )


def offer_text_message(talk: Talk) -> ScriptedReply:
    if has(talk.heard, NO):
        return Calls("text_message_answered", {"wanted": False})
    if has(talk.heard, YES + r"|text me|send"):
        return Calls("text_message_answered", {"wanted": True})
    known = from_topics(talk)
    question = talk.say("Shall I text you a confirmation?", "¿Le mando un mensaje de confirmación?")
    return f"{known} {question}" if known else question


def new_day(talk: Talk) -> ScriptedReply:
    if talk.told:
        return relay(talk, talk.told)
    if has(talk.heard, r"keep (it|the)|leave it|never ?mind|déjelo"):
        return Calls("keep_visit")
    said = talk.since("start_rescheduling") if talk.result is not None else talk.heard
    if day_in(said) is None and part_in(said) == "any":
        return talk.say(
            "To which day shall I move it, and morning or afternoon?", "¿Para qué día la cambio, mañana o tarde?"
        )
    return Calls("new_day_given", {"preferred_day": day_in(said) or "any", "part_of_day": part_in(said)})


STEPS: dict[str, Callable[[Talk], ScriptedReply]] = {
    "time_chosen": offer_times,
    "treatment_chosen": choose_treatment,
    "details_given": caller_details,
    "text_message_answered": offer_text_message,
    "new_time_chosen": offer_new_times,
    "keep_visit": new_day,
}


def is_default_step(request: ModelRequest) -> bool:
    """Whether the agent is in a step that collects values and is left by conditions."""
    return "Values that this step collects" in request.step or any(
        name.startswith("condition-") for name in request.tool_names
    )


def default_step(talk: Talk) -> ScriptedReply:
    """A step that collects values: leave it by a condition, or ask for what is missing."""
    tools = talk.request.tool_names

    def leave(words: str) -> ScriptedReply | None:
        return next((Calls(name) for name in tools if words in name), None)

    if has(talk.heard, r"another (day|time)|other day|move it|reschedul|otro día") and (found := leave("another-time")):
        return found
    if has(talk.heard, r"keep (it|the)|leave it|never ?mind|changed my mind|déjelo"):
        return leave("keeps") or leave("something-else") or "Of course."
    given = leave("given")
    if given is not None:
        return given
    known = from_topics(talk) if talk.result is None else None
    if known is not None:
        return known
    if "cancellation_reason" in talk.request.step:
        visit = re.search(r"cancel this appointment: (.+?)\. We", talk.request.step)
        named = f" {visit[1]}" if visit else ""
        return talk.say(
            f"That is{named}. May I ask why you want to cancel? Another day is possible, too.",
            f"Es{named}. ¿Puedo preguntar por qué la cancela? También puede ser otro día.",
        )
    if "full_name: (not given" in talk.request.step:
        return talk.say(
            "What is your full name, and your date of birth?", "¿Su nombre completo y su fecha de nacimiento?"
        )
    return talk.say("And your date of birth?", "¿Y su fecha de nacimiento?")


def collect_values(request: ModelRequest) -> ScriptedReply:
    """The values of a step that the user's last words give."""
    heard, _ = json.JSONDecoder().raw_decode(request.last_user)  # how to write JSON may follow
    said, asked_for_name = heard["user"], has(heard["agent"], r"full name|nombre completo")
    values = {
        "full_name": name_in(said, asked=asked_for_name),
        "date_of_birth": birthday_in(said),
        "cancellation_reason": next((reason for reason, words in REASONS.items() if has(said, words)), None),
    }
    return {name: values.get(name) for name in re.findall(r"^- (\w+):", request.system, re.MULTILINE)}
