"""`conv.integrations`: services that somebody else runs. Calling one is refused, never passed over."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

from typing import Any

from postcall.runtime.conv.errors import OutsideServiceNeeded


class Integration:
    """One such service."""

    integration_id: str = ""
    integration_name: str = ""

    def __init__(self, log: Any, proxy_request: Any) -> None:
        self._log = log
        self._proxy_request = proxy_request

    def proxy_request(
        self,
        endpoint: str,
        http_method: str,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        raise OutsideServiceNeeded(f"the integration {self.integration_name}")


class OpenTable(Integration):
    """Tables in restaurants."""

    integration_id = "opentable"
    integration_name = "OpenTable"

    def proxy_request(  # type: ignore[override]  # the published order of parameters
        self,
        endpoint: str,
        http_method: str,
        base_url: str | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        timeout: int = 10,
    ) -> Any:
        raise OutsideServiceNeeded(f"the integration {self.integration_name}")


class Tripleseat(Integration):
    """Events in restaurants."""

    integration_id = "tripleseat"
    integration_name = "Tripleseat"

    def get_bookings(self) -> Any:
        raise OutsideServiceNeeded(f"the integration {self.integration_name}")

    def create_lead(
        self,
        public_key: str,
        first_name: str | None = None,
        last_name: str | None = None,
        email_address: str | None = None,
        phone_number: str | None = None,
        location_id: str | None = None,
        additional_fields: dict[str, Any] | None = None,
    ) -> Any:
        raise OutsideServiceNeeded(f"the integration {self.integration_name}")


class Integrations:
    """All of them."""

    opentable: OpenTable
    tripleseat: Tripleseat

    def __init__(
        self,
        log: Any,
        paragon_connection_ids: dict[str, str] | None = None,
        paragon_project_id: str | None = None,
        integration_token: str | None = None,
    ) -> None:
        self.opentable = OpenTable(log, self.proxy_request)
        self.tripleseat = Tripleseat(log, self.proxy_request)

    def proxy_request(
        self,
        integration_id: str,
        endpoint: str,
        http_method: str,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        raise OutsideServiceNeeded(f"the integration {integration_id}")


class Connectors:
    """`conv.connectors` and other doors to services that are run elsewhere: whatever is called on one is refused."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> Connectors:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Connectors(f"{self._what}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise OutsideServiceNeeded(self._what)
