"""What is said and called outside of flows."""

from __future__ import annotations

from collections.abc import Callable

from examples.clinic_script.talk import ANYTHING_ELSE, Talk, from_topics, relay
from examples.clinic_script.words import (
    INSURERS,
    NO,
    TREATMENTS,
    YES,
    birthday_in,
    has,
    name_in,
    phone_in,
    treatment_in,
)

from postcall.testing import Calls, ScriptedReply

Handler = Callable[[Talk], "ScriptedReply | None"]


def go_on(talk: Talk) -> ScriptedReply | None:
    """Say what a function returned, or go on from what was asked last."""
    if talk.result is not None and talk.result.name == "change_location":
        return from_topics(talk) or talk.say("What would you like to know?", "¿Qué quiere saber?")
    if talk.told:
        return relay(talk, talk.told)
    if talk.result is not None:
        return talk.say(*ANYTHING_ELSE) if talk.result.content == "Done." else relay(talk, talk.result.content)
    yes, no = has(talk.heard, YES), has(talk.heard, NO)
    if has(talk.asked, "anything else|algo más") and no:
        return goodbye(talk)
    if has(talk.asked, "front desk") and yes and talk.offers("transfer_to_front_desk"):
        return Calls("transfer_to_front_desk", {"reason": "the caller wants to"})
    if has(talk.asked, "book one|look for a time") and yes and talk.offers("start_booking"):
        return Calls("start_booking")
    if has(talk.asked, "number.*call you") and (phone := phone_in(talk.heard)):
        return Calls("request_callback", {"phone_number": phone, "about": talk.heard})
    if has(talk.asked, "call you back") and yes:
        return talk.say("On which number may we call you, and what is it about?", "¿A qué número le llamamos?")
    if has(talk.asked, "date of birth|fecha de nacimiento"):
        said = ". ".join(each.content for each in talk.request.messages[-4:] if each.role == "user")
        name, born = name_in(said, asked=True), birthday_in(said)
        if name and born:
            return Calls("find_appointment", {"full_name": name, "date_of_birth": born})
        return talk.say(
            "I need both, the full name and the date of birth.", "Necesito el nombre y la fecha de nacimiento."
        )
    return None


def interrupt(talk: Talk) -> ScriptedReply | None:
    """What is more important than any step; only what the user has just said counts."""
    if talk.result is not None:
        return None
    if has(talk.heard, r"swollen|swelling|bleeding|knocked|unbearable|terrible pain|hurts badly|emergency|urgencia"):
        return Calls("report_emergency", {"what_happened": talk.heard})
    wants_person = r"\b(person|human|someone real|receptionist|representative|operator|front desk|real one|persona)\b"
    if has(talk.heard, wants_person):
        return Calls("transfer_to_front_desk", {"reason": talk.heard})
    if not talk.spanish and has(talk.heard, r"\b(hola|español|quiero|quisiera|cita|buenas|buenos)\b|¿"):
        return Calls("speak_spanish")
    if has(talk.heard, r"\b(bye|goodbye|adiós|hasta luego)\b"):
        return goodbye(talk)
    if "caller has said nothing" in talk.heard:
        return talk.say("Are you still there?", "¿Sigue ahí?")
    return None


INTENTS: tuple[tuple[str, Handler], ...] = (
    (r"\b(bye|goodbye|that's (all|it)|nothing else|adiós|hasta luego|eso es todo)\b", lambda talk: goodbye(talk)),
    (r"cancel|call off|won't make it|anular", lambda _: Calls("start_cancelling")),
    (r"reschedul|postpone|move (my|the|it)|change (my|the)|cambiar", lambda _: Calls("start_rescheduling")),
    (r"\bbill\b|invoice|charged|refund|factura", lambda talk: Calls("transfer_to_billing", {"about": talk.heard})),
    (r"how much|price|cost|charge for|expensive|cuánto|precio", lambda talk: ask_price(talk)),
    (r"insurance|in network|seguro|" + "|".join(INSURERS), lambda talk: ask_plan(talk)),
    (
        r"text me|send me|texted|mándeme",
        lambda talk: Calls("text_directions") if talk.offers("text_directions") else None,
    ),
    (
        r"when (is|was) my|my next appointment|have an appointment",
        lambda talk: talk.say(
            "What is your full name, and your date of birth?", "¿Su nombre y su fecha de nacimiento?"
        ),
    ),
    (
        r"call me back|callback|call back",
        lambda talk: talk.say("On which number may we call you, and what is it about?", "¿A qué número le llamamos?"),
    ),
    (
        r"mill street",
        lambda talk: (
            None if "Mill Street" in talk.request.system else Calls("change_location", {"location": "Mill Street"})
        ),
    ),
    (
        r"\b(book|schedule|come in|make an? appointment|an appointment|una cita|pedir)\b",
        lambda _: Calls("start_booking"),
    ),
    ("", lambda talk: from_topics(talk)),
    ("|".join(TREATMENTS.values()), lambda _: Calls("start_booking")),
)


def open_talk(talk: Talk) -> ScriptedReply:
    """What the caller wants, where nothing is under way."""
    for pattern, handle in INTENTS:
        if has(talk.heard, pattern) and (reply := handle(talk)) is not None:
            return reply
    if has(talk.heard, YES) and len(talk.heard) < 20:
        return talk.say("What can I do for you?", "¿Qué puedo hacer por usted?")
    return talk.say(
        "I did not quite get that. I can book, move or cancel an appointment, or answer a question about the clinic.",
        "No le he entendido bien. Puedo dar, cambiar o cancelar una cita, o responder a una pregunta.",
    )


def goodbye(talk: Talk) -> str:
    return talk.say("Thank you for calling, and goodbye", "Gracias por llamar, adiós")


def ask_price(talk: Talk) -> ScriptedReply:
    treatment = treatment_in(talk.heard)
    if treatment is None:
        return talk.say(
            "The price of which treatment: a cleaning, a crown, a filling?", "¿El precio de qué tratamiento?"
        )
    return Calls("quote_price", {"treatment": treatment})


def ask_plan(talk: Talk) -> ScriptedReply:
    insurer = next((name for name in INSURERS if has(talk.heard, name)), None)
    if insurer is None:
        return talk.say("Which company are you insured with?", "¿Con qué compañía está asegurado?")
    return Calls("check_insurance", {"insurer": insurer})
