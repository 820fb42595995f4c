from _gen import *  # <AUTO GENERATED>


@func_description("The caller wants to move an appointment to another day or time. Say nothing beside this call.")
def start_rescheduling(conv: Conversation):
    conv.write_metric("INTENT", "reschedule")
    conv.state.last_intent = "reschedule"
    conv.goto_flow("Rescheduling")
