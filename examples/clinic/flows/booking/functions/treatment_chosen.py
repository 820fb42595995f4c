from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import treatment_named
from functions.clinic_words import read_day


@func_description("The caller has said what is wanted and when.")
@func_parameter("treatment", "The treatment, in a word or two; a check-up where it is not clear.")
@func_parameter("preferred_day", "The day as YYYY-MM-DD, or any.")
@func_parameter("part_of_day", "morning, afternoon, evening or any.")
def treatment_chosen(conv: Conversation, flow: Flow, treatment: str, preferred_day: str, part_of_day: str):
    found = treatment_named(treatment)
    if found is None:
        return "We do not offer that. Ask what else it could be, or offer {{fn:transfer_to_front_desk}}."
    conv.write_metric("SERVICE", found.name)
    conv.state.treatment = found.name
    conv.state.treatment_text = found.spoken
    conv.state.first_day = read_day(preferred_day, conv.state.today) or conv.state.today
    conv.state.part_of_day = part_of_day.strip().lower()
    flow.goto_step("check_availability", "treatment known")
    return None
