"""AR System's login: a JSON web token in plain text, sent back as `Authorization: AR-JWT ...`.

Source: docs.bmc.com, "Login information" (AR System REST API); a guest's token: Splunk's open connector.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping

from pydantic import SecretStr

from hub.errors import LoginRefused
from hub.http import Call, Reply, SessionLogin

from .faults import guest_notice

_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{1,8192}")


class ArLogin(SessionLogin):
    """Logs in with user and password, and out when the client closes."""

    def __init__(self, user: str, password: SecretStr, auth_string: SecretStr | None = None) -> None:
        self._user, self._password, self._auth_string = user, password, auth_string

    def login_request(self) -> Call:
        form = {"username": self._user, "password": self._password.get_secret_value()}
        if self._auth_string is not None:
            form["authString"] = self._auth_string.get_secret_value()
        return Call("POST", "/api/jwt/login", form=form)

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        """The token; raises LoginRefused when the server let us in as a powerless guest."""
        if guest_notice(reply.headers.get("x-ar-messages", "")):
            raise LoginRefused(
                "the server did not know the user and offered a guest's login",
                next_step="check the account's user and password",
                vendor=reply.vendor,
                account=reply.account,
                request_id=reply.request_id,
            )
        token = reply.text().strip()
        if not _TOKEN.fullmatch(token):
            raise reply.misbehaved("the login brought no token", next_step="check base_url")
        return token, None

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        headers["Authorization"] = f"AR-JWT {token}"

    def logout_request(self, token: str) -> Call:
        return Call("POST", "/api/jwt/logout", headers={"Authorization": f"AR-JWT {token}"})
