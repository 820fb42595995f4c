from datetime import timedelta

from _gen import *  # <AUTO GENERATED>
from functions.clinic_words import read_day


@func_description("The caller has said when the appointment should be instead.")
@func_parameter("preferred_day", "The day as YYYY-MM-DD, or any; later where no time suits and no day is named.")
@func_parameter("part_of_day", "morning, afternoon, evening or any.")
def new_day_given(conv: Conversation, flow: Flow, preferred_day: str, part_of_day: str):
    offered = conv.state.offered
    later = offered[-1].starts.date() + timedelta(days=1) if offered else conv.state.today
    conv.state.first_day = read_day(preferred_day, conv.state.today) or later
    conv.state.part_of_day = part_of_day.strip().lower()
    flow.goto_step("check_new_times", "day known")
