"""Any model that speaks chat completions: asking it, and reading what it says.

Importing this package costs a few milliseconds; the `openai` package (half a second) is imported when the first
ModelClient is made, so a server without a model never pays for it.
"""

from postcall.llm.client import ModelClient
from postcall.llm.messages import Message, Reply
from postcall.llm.salvage import Salvaged, read_object

__all__ = ["Message", "ModelClient", "Reply", "Salvaged", "read_object"]
