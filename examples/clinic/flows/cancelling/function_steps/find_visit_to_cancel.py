from _gen import *  # <AUTO GENERATED>


def find_visit_to_cancel(conv: Conversation, flow: Flow):
    if conv.state.visit is not None:
        flow.goto_step("Reason for cancelling", "appointment known")
        return None
    if conv.state.patient is None:
        flow.goto_step("Who is calling", "patient unknown")
        return None
    conv.exit_flow()
    return "This patient has no appointment, so there is nothing to cancel. Say so, and ask what else you can do."
