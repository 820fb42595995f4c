from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import ACCEPTED_PLANS, REFUSED_PLANS


@func_description("Whether the clinic takes a plan.")
@func_parameter("insurer", "The insurance company, as the caller names it.")
def check_insurance(conv: Conversation, insurer: str):
    conv.write_metric("INTENT", "insurance")
    named = insurer.strip().lower()
    plan = next((each for each in (*ACCEPTED_PLANS, *REFUSED_PLANS) if each.lower() in named), None)
    conv.write_metric("INSURER", plan or "other")
    if plan is None:
        return f"Insurance: {insurer} is not in our list. Offer that we ask and call back: {{{{fn:request_callback}}}}."
    conv.write_metric("PLAN_ACCEPTED", plan in ACCEPTED_PLANS)
    if plan in ACCEPTED_PLANS:
        return f"Insurance: yes, we are in network with {plan}."
    return f"Insurance: we are not in network with {plan}; the bill can be paid over six months without interest."
