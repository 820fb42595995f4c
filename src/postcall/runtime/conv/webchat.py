"""What only a web chat can show: attachments, and buttons that call somebody."""

from __future__ import annotations

from typing import Any, Literal


class Attachment:
    """An image or a link beside an answer."""

    def __init__(
        self,
        content_url: str,
        content_type: Literal["image", "weblink", "unspecified"],
        title: str | None = None,
        preview_image_url: str | None = None,
        call_to_action: str | None = None,
    ) -> None:
        self.content_url = content_url
        self.content_type = content_type
        self.title = title
        self.preview_image_url = preview_image_url
        self.call_to_action = call_to_action

    def to_dict(self) -> dict[str, Any]:
        return {
            "content_url": self.content_url,
            "content_type": self.content_type,
            "title": self.title,
            "preview_image_url": self.preview_image_url,
            "call_to_action": self.call_to_action,
        }


class ChatCallAction:
    """A button that calls a number."""

    def __init__(self, contact_number: str, title: str | None = None) -> None:
        self.contact_number = contact_number
        self.title = title

    def to_dict(self) -> dict[str, Any]:
        return {"contact_number": self.contact_number, "title": self.title}


class WebchatInterface:
    """`conv.webchat`."""

    def __init__(self) -> None:
        self._actions: list[ChatCallAction] | None = None

    @property
    def chat_call_actions(self) -> list[ChatCallAction]:
        return list(self._actions or ())

    def set_chat_call_actions(self, actions: list[ChatCallAction]) -> None:
        """Show these instead of those set before; shown in web chats only."""
        self._actions = list(actions)

    def asked_for(self) -> tuple[dict[str, Any], ...] | None:
        """What was set in this function; None where nothing was."""
        return None if self._actions is None else tuple(action.to_dict() for action in self._actions)
