from _gen import *  # <AUTO GENERATED>


@func_description("Send the way to the practice and the parking as a text message to the caller's own number.")
def text_directions(conv: Conversation):
    conv.write_metric("INTENT", "directions")
    conv.write_metric("SMS_OFFERED", True, write_once=True)
    to = conv.state.phone or conv.caller_number
    if not to:
        return f"There is no number to send it to. Say it instead: {conv.variant.address}. {conv.variant.way_there}"
    conv.send_sms_template(to, "directions")
    conv.write_metric("SMS_SENT", True)
    return "The text message with the directions is on its way."
