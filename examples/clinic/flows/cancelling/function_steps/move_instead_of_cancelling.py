from _gen import *  # <AUTO GENERATED>


def move_instead_of_cancelling(conv: Conversation, flow: Flow):
    conv.write_metric("CANCELLATION_AVERTED", True)
    conv.functions.start_rescheduling()
