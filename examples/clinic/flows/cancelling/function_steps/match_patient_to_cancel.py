from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import find_by_name
from functions.clinic_words import read_date
from functions.start_function import remember_patient


def match_patient_to_cancel(conv: Conversation, flow: Flow):
    patient = find_by_name(conv.entities.full_name.value, read_date(conv.entities.date_of_birth.value))
    conv.log.info(f"asked for {conv.entities.full_name.value}", is_pii=True, found=patient is not None)
    if patient is None:
        conv.write_metric("IDENTITY_VERIFIED", False)
        conv.exit_flow()
        return "There is no chart with this name and birthday. Say so, and offer {{fn:transfer_to_front_desk}}."
    remember_patient(conv, patient)
    flow.goto_step("find_visit_to_cancel", "patient found")
    return None
