from _gen import *  # <AUTO GENERATED>


def find_visit_to_move(conv: Conversation, flow: Flow):
    if conv.state.visit is not None:
        flow.goto_step("New day", "appointment known")
        return None
    conv.exit_flow()
    if conv.state.patient is not None:
        return "This patient has no appointment. Say so, and offer to book one with {{fn:start_booking}}."
    return "First find the appointment: ask for the full name and the date of birth, for {{fn:find_appointment}}."
