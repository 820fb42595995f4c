"""Any model that speaks chat completions: asking it, holding a conversation with it, and reading what it says.

Importing this package costs a few milliseconds; the `openai` package (half a second) is imported when the first client
is made, so a server without a model never pays for it.
"""

from postcall.llm.chat import ChatClient, ask_text
from postcall.llm.client import ModelClient
from postcall.llm.messages import Message, Reply
from postcall.llm.salvage import Salvaged, read_object

__all__ = ["ChatClient", "Message", "ModelClient", "Reply", "Salvaged", "ask_text", "read_object"]
