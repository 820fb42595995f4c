"""Messages: the part of `conv` that sends."""

from __future__ import annotations

from typing import Any

from postcall.runtime.conv.errors import MissingTemplate
from postcall.runtime.conv.known import Known
from postcall.runtime.conv.messages import OutgoingSMS, OutgoingSMSTemplate
from postcall.runtime.conv.plain import as_json_or_text, as_text
from postcall.runtime.conv.sms_texts import fill_in
from postcall.runtime.conv.webchat import Attachment
from postcall.runtime.protocol import Message


class Sending(Known):
    """What a function sends is kept at once and goes out when the turn has ended."""

    @property
    def sms_queue(self) -> list[OutgoingSMS | OutgoingSMSTemplate]:
        """What this function has sent so far, SMS only."""
        return [_as_sms(message) for message in self.wishes.messages if message.kind == "sms"]

    @property
    def attachments(self) -> list[Attachment]:
        return [Attachment(**given) for given in self.wishes.attachments]

    @property
    def response_suggestions(self) -> list[str]:
        return list(self.wishes.response_suggestions or ())

    def send_sms(
        self, to_number: str, from_number: str, content: str, retry_count: int | None = None
    ) -> dict[str, Any] | None:
        self._send("sms", to_number, retry_count, from_number=from_number, content=content)
        return None

    def send_sms_template(self, to_number: str, template: str, retry_count: int | None = None) -> dict[str, Any] | None:
        """Send a text of the project, as it reads now. Raises MissingTemplate."""
        if template not in self._sms_templates:
            raise MissingTemplate(template)
        prepared = self._sms_templates[template]
        text = fill_in(
            prepared.content,
            state=self._state,
            variant=self.variant or {},
            translations=self._translations,
            languages=(self._language, self.around.project.default_language),
        )
        self._send("sms", to_number, retry_count, from_number=prepared.phone_number, content=text, template=template)
        return None

    def send_whatsapp(
        self,
        to_number: str,
        from_number: str,
        content_id: str,
        content: str | None = None,
        retry_count: int | None = None,
    ) -> dict[str, Any] | None:
        self._send("whatsapp", to_number, retry_count, from_number=from_number, content_id=content_id, content=content)
        return None

    def send_content_template(
        self,
        messaging_service_id: str,
        to_number: str,
        content_id: str,
        content: str | None = None,
        whatsapp: bool | None = None,
        content_variables: dict[str, Any] | None = None,
        retry_count: int | None = None,
    ) -> dict[str, Any] | None:
        self._send(
            "whatsapp" if whatsapp else "sms",
            to_number,
            retry_count,
            messaging_service_id=messaging_service_id,
            content_id=content_id,
            content=content,
            content_variables=content_variables,
        )
        return None

    def send_email(self, to: str, body: str, subject: str = "") -> None:
        self._send("email", to, None, subject=subject, body=body)

    def add_attachments(self, attachments: list[Attachment]) -> None:
        """Show these beside the next answer; shown in web chats only."""
        self.wishes.attachments.extend(attachment.to_dict() for attachment in attachments)

    def set_response_suggestions(self, suggestions: list[str]) -> None:
        """Offer these as answers, instead of those set before; shown in web chats only."""
        self.wishes.response_suggestions = tuple(as_text(suggestion) for suggestion in suggestions)

    def _send(self, kind: str, to: Any, retry_count: int | None, **content: Any) -> None:
        if to is None or not as_text(to).strip():
            # In a chat the caller has no number. A carrier would fail later; here its author is told.
            self.wishes.note(f"a message ({kind}) was not sent: it has nobody to go to")
            return
        given = {name: as_json_or_text(value) for name, value in content.items() if value is not None}
        self.wishes.messages.append(Message(kind, as_text(to), given, retry_count))


def _as_sms(message: Message) -> OutgoingSMS | OutgoingSMSTemplate:
    content = message.content
    if "template" in content:
        return OutgoingSMSTemplate(message.to, content["template"])
    return OutgoingSMS(
        message.to, content.get("from_number", ""), content.get("content", ""), content.get("content_id")
    )
