from _gen import *  # <AUTO GENERATED>


@func_description("The caller wants to call off an appointment. Say nothing beside this call.")
def start_cancelling(conv: Conversation):
    conv.write_metric("INTENT", "cancel")
    conv.state.last_intent = "cancel"
    conv.goto_flow("Cancelling")
