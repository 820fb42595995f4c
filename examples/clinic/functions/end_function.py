from _gen import *  # <AUTO GENERATED>


def end_function(conv: Conversation):
    if conv.state.outcome or not conv.current_flow:
        conv.write_metric("OUTCOME", conv.state.outcome or "answered")
    else:  # a flow was begun and came to nothing
        conv.write_metric("OUTCOME", "abandoned")
        conv.write_metric("LEFT_AT", f"{conv.current_flow}: {conv.current_step}")
    if not any(turn.role == "user" and turn.text for turn in conv.history):
        conv.log.info("nobody spoke, so there is nothing to extract")
        return
    try:
        answers = conv.functions.post_call_extraction()
    except (NotImplementedError, ChatCompletionError) as problem:
        conv.log.error("the questions after the call were not answered", problem=repr(problem))
        return
    for name, value in answers.items():
        if isinstance(value, str | int | float | bool):
            conv.write_metric(name, value)
