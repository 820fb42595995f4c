"""Post-call reporting for voice agents: live metrics and evidenced answers in one place."""

__version__ = "0.1.0"
