from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import find_by_name
from functions.clinic_words import read_date
from functions.start_function import remember_patient


@func_description("Find a patient's appointment. Ask for the full name and the date of birth first.")
@func_parameter("full_name", "The patient's first and last name.")
@func_parameter("date_of_birth", "The patient's date of birth, as YYYY-MM-DD.")
@func_latency_control(
    delay_before_responses_start=2,
    silence_after_each_response=4,
    delay_responses=[("I am looking for your chart.", 2), ("Just a moment longer.", 2)],
)
def find_appointment(conv: Conversation, full_name: str, date_of_birth: str):
    patient = find_by_name(full_name, read_date(date_of_birth))
    conv.log.info(f"asked for {full_name}, born {date_of_birth}", is_pii=True, found=patient is not None)
    if patient is None:
        conv.write_metric("IDENTITY_VERIFIED", False)
        return "There is no chart with this name and birthday. Check both; then offer {{fn:transfer_to_front_desk}}."
    remember_patient(conv, patient)
    if conv.state.visit is None:
        return f"{patient.first_name} has no appointment. Offer to book one with {{{{fn:start_booking}}}}."
    return (
        f"{patient.first_name} has {conv.state.visit_text}. It can be moved with {{{{fn:start_rescheduling}}}} "
        "and called off with {{fn:start_cancelling}}."
    )
