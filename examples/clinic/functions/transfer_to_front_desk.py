from _gen import *  # <AUTO GENERATED>


@func_description("Pass the call to the people at the front desk: because a person is asked for, or you cannot help.")
@func_parameter("reason", "Why, in a few words.")
def transfer_to_front_desk(conv: Conversation, reason: str):
    conv.write_metric("INTENT", "person")
    conv.state.outcome = "handed_off"
    conv.call_handoff("Front desk", reason=reason, utterance="I will put you through to the front desk.")
