from _gen import *  # <AUTO GENERATED>


@func_description("The caller takes one of the free times.")
@func_parameter("number", "Its number, from 1.")
def time_chosen(conv: Conversation, flow: Flow, number: int):
    if not 1 <= number <= len(conv.state.offered):
        return f"There is no time {number}; the choices are {conv.state.offered_text}."
    conv.state.chosen = conv.state.offered[number - 1]
    if conv.state.phone and conv.state.patient:
        flow.goto_step("make_booking", "patient known")
    else:
        flow.goto_step("Caller details", "patient unknown")
    return None
