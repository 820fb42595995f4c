from _gen import *  # <AUTO GENERATED>


def cancel_visit(conv: Conversation, flow: Flow):
    conv.write_metric("CANCELLATION_REASON", conv.entities.cancellation_reason.value)
    conv.write_metric("APPOINTMENT_CANCELLED", True)
    conv.log.info("cancelled", visit=conv.state.visit)
    cancelled = conv.state.visit_text
    conv.state.visit = None
    conv.state.outcome = "cancelled"
    conv.exit_flow()
    return f"Cancelled: {cancelled}. Say so, and ask whether there is anything else."
