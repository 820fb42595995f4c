from _gen import *  # <AUTO GENERATED>


@func_description("Severe pain, swelling, bleeding, an injured tooth: the dentist on call takes over.")
@func_parameter("what_happened", "What the caller says is wrong.")
def report_emergency(conv: Conversation, what_happened: str):
    conv.write_metric("INTENT", "emergency")
    conv.write_metric("EMERGENCY", True, write_once=True)
    conv.log.warning(f"emergency: {what_happened}", is_pii=True)
    conv.state.outcome = "handed_off"
    conv.call_handoff(
        "Emergency",
        reason="emergency",
        utterance="I am connecting you with our dentist on call. If it is hard to breathe, hang up and call 911.",
    )
