from _gen import *  # <AUTO GENERATED>
from functions.clinic_words import say_visit


def make_booking(conv: Conversation, flow: Flow):
    conv.state.visit = conv.state.chosen
    conv.state.visit_text = say_visit(conv.state.chosen, conv.language)
    conv.state.outcome = "booked"
    conv.write_metric("BOOKING_CONFIRMED", True, write_once=True)
    conv.log.info("booked", visit=conv.state.visit)
    if not conv.real_time_config.get("text_messages", True):
        conv.exit_flow()
        return f"Booked: {conv.state.visit_text}. Say so, and ask whether there is anything else."
    conv.write_metric("SMS_OFFERED", True, write_once=True)
    flow.goto_step("Offer text message", "booked")
    return {"utterance": conv.translations.booked.replace("{visit}", conv.state.visit_text)}
