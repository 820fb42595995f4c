from _gen import *  # <AUTO GENERATED>


@func_description("Take down that somebody should call back. Ask for the number and what it is about first.")
@func_parameter("phone_number", "The number to call, in digits.")
@func_parameter("about", "What it is about, in one sentence.")
def request_callback(conv: Conversation, phone_number: str, about: str):
    conv.write_metric("CALLBACK_REQUESTED", True)
    conv.log.info(f"call {phone_number} back", is_pii=True)
    desk = conv.real_time_config.get("front_desk_email", "")
    if desk:
        conv.send_email(desk, f"Please call {phone_number}: {about}", subject="A caller wants to be called back")
    return "It is noted; somebody will call back on the same or the next working day."
