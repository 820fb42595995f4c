from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import free_times
from functions.clinic_words import say_choices


@func_latency_control(delay_before_responses_start=2, delay_responses=[("Let me look at the calendar.", 2)])
def check_new_times(conv: Conversation, flow: Flow):
    state = conv.state
    count = conv.real_time_config.get("times_offered", 2)
    state.offered = free_times(state.visit.treatment, state.first_day, state.part_of_day, count=count)
    conv.write_metric("SLOTS_OFFERED", len(state.offered))
    if not state.offered:
        flow.goto_step("New day", "nothing free")
        return f"There is no free time in the {state.part_of_day}. Say so, and ask for another day or time of day."
    state.offered_text = say_choices(state.offered, conv.language)
    flow.goto_step("Offer new times", "free times found")
    return f"Free times: {state.offered_text}."
