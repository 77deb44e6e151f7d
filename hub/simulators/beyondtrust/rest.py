"""The JSON interfaces: Command API v2's info and health, and the Configuration API's teams."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.simulators.beyondtrust.state import State
from hub.simulators.kit import Call, Reply

MOST = 100
_WORDS: dict[str, object] = {"1": True, "0": False}


def answer(state: State, call: Call) -> Reply:
    """The reply to a call; 404 for an unknown path, 405 for a wrong method."""
    match call.parts:
        case ["api", "command", "v2", "info" | "health" as which] if state.options.v2:
            made = _info(state) if which == "info" else _health(state)
        case ["api", "config", "v1", "team"]:
            made = _teams(state, call)
        case _:
            return Reply.json({"message": "Not Found"}, 404)
    return made if call.method == "GET" else Reply.json({"message": "Method Not Allowed"}, 405)


def _info(state: State) -> Reply:
    permissions = {name: _WORDS.get(value, value) for name, value in state.options.permissions.items()}
    now = datetime.fromtimestamp(int(state.clock.now()), UTC).isoformat()
    return Reply.json(
        {"permissions": permissions, "current_time": now, "command_api_version": "2.0.0", "product": "rs"}
    )


def _health(state: State) -> Reply:
    about = {
        "version": "25.1.1",
        "appliance_hostname": "support",
        "appliance_id": state.ident("appliance", 1),
        "cluster_role": "single",
        "failover_role": "none",
    }
    if state.options.healthy:
        return Reply.json(about)
    return Reply.json(about | {"message": "The appliance is not healthy."}, 500)


def _teams(state: State, call: Call) -> Reply:
    if state.options.permissions.get("perm_configuration") != "1":
        return Reply.json({"message": "Forbidden"}, 403)
    size, page = call.query.get("per_page", str(MOST)), call.query.get("current_page", "1")
    valid = call.query.keys() <= {"per_page", "current_page"}
    if not valid or not size.isdigit() or not page.isdigit() or not 0 < int(size) <= MOST or page == "0":
        return Reply.json({"message": "Bad Request"}, 400)
    teams = [
        {"id": at, "name": name, "code_name": f"team_{at}", "comments": ""} for at, name in state.seeds.teams.items()
    ]
    first = (int(page) - 1) * int(size)
    reply = Reply.json(teams[first : first + int(size)])
    last = max(1, -(-len(teams) // int(size)))
    headers = {"Current-Page": page, "Last-Page": last, "Per-Page": size, "Total": len(teams)}
    reply.headers.update({f"X-BT-Pagination-{name}": str(value) for name, value in headers.items()})
    return reply
