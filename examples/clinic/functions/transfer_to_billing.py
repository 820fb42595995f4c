from _gen import *  # <AUTO GENERATED>


@func_description("Pass the call to the people who know bills, payments and refunds.")
@func_parameter("about", "What it is about, in a few words.")
def transfer_to_billing(conv: Conversation, about: str):
    conv.write_metric("INTENT", "billing")
    conv.state.outcome = "handed_off"
    conv.call_handoff("Billing", reason=about, utterance="My colleagues in billing can look that up; one moment.")
