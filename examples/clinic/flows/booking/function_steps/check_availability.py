from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import free_times
from functions.clinic_words import say_choices


@func_latency_control(
    delay_before_responses_start=2,
    silence_after_each_response=4,
    delay_responses=[("Let me look at the calendar.", 2), ("It is just opening.", 2)],
)
def check_availability(conv: Conversation, flow: Flow):
    state = conv.state
    count = conv.real_time_config.get("times_offered", 2)
    state.offered = free_times(state.treatment, state.first_day, state.part_of_day, count=count)
    conv.write_metric("SLOTS_OFFERED", len(state.offered))
    if not state.offered:
        conv.write_metric("BOOKING_FAILED", "no_slot")
        state.outcome = "not_booked"
        conv.exit_flow()
        return (
            f"There is no free time in the {state.part_of_day}. Say so, and offer another time of day with "
            "{{fn:start_booking}} or to be called back with {{fn:request_callback}}."
        )
    state.offered_text = say_choices(state.offered, conv.language)
    flow.goto_step("Offer times", "free times found")
    return f"Free times: {state.offered_text}."
