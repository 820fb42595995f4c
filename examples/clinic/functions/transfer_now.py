from _gen import *  # <AUTO GENERATED>


@func_description("Begin the transfer that was promised.")
def transfer_now(conv: Conversation):
    return conv.functions.transfer_to_front_desk(reason="promised by the agent")
