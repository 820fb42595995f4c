from _gen import *  # <AUTO GENERATED>


@func_description("The caller no longer wants an appointment.")
def stop_booking(conv: Conversation, flow: Flow):
    conv.write_metric("BOOKING_FAILED", "caller_declined")
    conv.state.outcome = "not_booked"
    conv.exit_flow()
    return "Nothing was booked. Ask whether there is anything else."
