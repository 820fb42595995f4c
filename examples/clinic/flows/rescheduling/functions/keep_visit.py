from _gen import *  # <AUTO GENERATED>


@func_description("The caller keeps the appointment as it is.")
def keep_visit(conv: Conversation, flow: Flow):
    conv.state.outcome = "kept"
    conv.exit_flow()
    return f"Kept: {conv.state.visit_text}. Say so, and ask whether there is anything else."
