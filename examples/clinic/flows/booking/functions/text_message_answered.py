from _gen import *  # <AUTO GENERATED>


@func_description("The caller has said whether a text message is welcome.")
@func_parameter("wanted", "Whether it is.")
def text_message_answered(conv: Conversation, flow: Flow, wanted: bool):
    conv.exit_flow()
    if not wanted:
        return "No message will be sent. Ask whether there is anything else."
    conv.send_sms_template(conv.state.phone, "booking_confirmation")
    conv.write_metric("SMS_SENT", True)
    return "The message is on its way. Ask whether there is anything else."
