from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import find_by_phone


@func_description("The caller has given the patient's name and a telephone number.")
@func_parameter("full_name", "First and last name.")
@func_parameter("phone_number", "The number, in digits.")
def details_given(conv: Conversation, flow: Flow, full_name: str, phone_number: str):
    digits = "".join(each for each in phone_number if each.isdigit())
    if len(digits) < 10:
        return "This telephone number is too short. Ask for all of it, with the area code."
    conv.state.full_name = full_name
    conv.state.phone = f"+1{digits}" if len(digits) == 10 else f"+{digits}"
    conv.log.info(f"booking for {full_name}, {conv.state.phone}", is_pii=True)
    known = find_by_phone(conv.state.phone) is not None
    conv.write_metric("PATIENT_TYPE", "known" if known else "new", write_once=True)
    flow.goto_step("make_booking", "details given")
    return None
