from _gen import *  # <AUTO GENERATED>
from functions.clinic_words import say_visit


@func_description("The caller takes one of the free times.")
@func_parameter("number", "Its number, from 1.")
def new_time_chosen(conv: Conversation, flow: Flow, number: int):
    if not 1 <= number <= len(conv.state.offered):
        return f"There is no time {number}; the choices are {conv.state.offered_text}."
    conv.log.info("moved", before=conv.state.visit, after=conv.state.offered[number - 1])
    conv.state.visit = conv.state.offered[number - 1]
    conv.state.visit_text = say_visit(conv.state.visit, conv.language)
    conv.state.outcome = "moved"
    conv.write_metric("APPOINTMENT_MOVED", True)
    conv.exit_flow()
    return f"Moved: it is now {conv.state.visit_text}. Say so, and ask whether there is anything else."
