from datetime import timedelta

from _gen import *  # <AUTO GENERATED>
from functions.clinic_words import read_day


@func_description("None of the times suits, or another day is wanted.")
@func_parameter("preferred_day", "The day as YYYY-MM-DD; later where none is named.")
@func_parameter("part_of_day", "morning, afternoon, evening or any.")
def another_day_wanted(conv: Conversation, flow: Flow, preferred_day: str, part_of_day: str):
    after_these = conv.state.offered[-1].starts.date() + timedelta(days=1)
    conv.state.first_day = read_day(preferred_day, conv.state.today) or after_these
    conv.state.part_of_day = part_of_day.strip().lower()
    flow.goto_step("check_availability", "another day")
