"""The appliance's XML interfaces: what is asked, and answers read strictly, whatever the namespace.

An error document comes with HTTP 200; it is told apart here and nowhere else.
Source: docs.beyondtrust.com, "Command API" and "Reporting API".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from hub.errors import CaseMissing, CaseRefused, LoginRefused, NotPermitted, VendorError
from hub.http import Client, Reply

COMMAND, REPORTING = "/api/command", "/api/reporting"
_MEANT: tuple[tuple[str, type[VendorError], str, str], ...] = (
    ("permission", NotPermitted, "the API account may not do this", "give the API account the permission"),
    ("not allowed", NotPermitted, "the API account may not do this", "give the API account the permission"),
    ("login failed", LoginRefused, "the appliance refused the login", "check client_id and client_secret"),
    ("invalid lsid", CaseMissing, "there is no such session", ""),
    ("invalid queue", CaseRefused, "there is no such queue", "check the account's queue"),
    ("custom attribute", CaseRefused, "there is no such custom field", "add external_key and severity_field"),
)
_EMPTY = ("no sessions found", "no archives found")


def local(element: Element) -> str:
    """An element's name without its namespace, of which the product's ages have three."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of a name."""
    return (one for one in (element if element is not None else ()) if local(one) == name)


def child(element: Element | None, name: str) -> Element | None:
    """The first child of a name."""
    return next(children(element, name), None)


def words(element: Element | None, name: str) -> str:
    """The text of the first child of a name, or an empty one."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


async def command(client: Client, action: str, given: Mapping[str, Any] | None = None) -> Element:
    """The answer to an order, which is sent once. Raises what the error document means."""
    reply = await client.send("POST", COMMAND, form={"action": action, **(given or {})})
    return read(reply)


async def look(client: Client, action: str, given: Mapping[str, Any] | None = None) -> Element:
    """The answer to a question of the Command API."""
    return read(await client.get(COMMAND, params={"action": action, **(given or {})}))


async def report(client: Client, given: Mapping[str, Any]) -> tuple[list[Element], Reply]:
    """The sessions of a SupportSession report, and the reply they came in; an empty report is no error."""
    reply = await client.get(REPORTING, params={"generate_report": "SupportSession", **given})
    root = reply.xml()
    said = _error(root)
    if said is not None and said.lower().startswith(_EMPTY):
        return [], reply
    return list(children(_judged(root, reply, "session_list"), "session")), reply


def read(reply: Reply) -> Element:
    """The root of an answer; raises what an error document means."""
    return _judged(reply.xml(), reply)


def _judged(root: Element, reply: Reply, name: str = "") -> Element:
    said = _error(root)
    if said is None:
        if name and local(root) != name:
            raise reply.misbehaved(f"the answer is no {name}", next_step="check base_url")
        return root
    known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    for sign, kind, what, step in _MEANT:
        if sign in said.lower():
            raise kind(f"{reply.method} {reply.path}: {what}", next_step=step, **known)
    raise CaseRefused(f"{reply.method} {reply.path}: the appliance refused the request", **known)


def _error(root: Element) -> str | None:
    found = root if local(root) == "error" else child(root, "error")
    return None if found is None else (found.text or "")
