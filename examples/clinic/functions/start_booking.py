from _gen import *  # <AUTO GENERATED>


@func_description("Begin to book a new appointment. Say nothing beside this call.")
def start_booking(conv: Conversation):
    conv.write_metric("INTENT", "book")
    conv.write_metric("BOOKING_STARTED", True, write_once=True)
    conv.state.last_intent = "book"
    conv.goto_flow("Booking")
