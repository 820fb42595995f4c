from _gen import *  # <AUTO GENERATED>


@func_description("End the call, once you have said goodbye.")
def end_call(conv: Conversation):
    conv.state.agent_hung_up = True
    return {"hangup": True}
