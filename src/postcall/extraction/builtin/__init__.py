"""The built-in analyser: answers without a model, a key or a network, from what stands in the transcript."""

from postcall.extraction.builtin.analysis import analyse
from postcall.extraction.builtin.background import Background

__all__ = ["Background", "analyse"]
