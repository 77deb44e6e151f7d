"""The HTTP interface under /_sim/ by which tests and demos in other processes control a simulated vendor."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from hub.simulators.kit.call import Reply, Simulator
from hub.simulators.kit.faults import FaultRule

_JSON = {"Content-Type": "application/json"}


class _Action(msgspec.Struct):
    action: str


class _Shift(msgspec.Struct, forbid_unknown_fields=True):
    shift: float = 0.0
    stop: float | None = None


async def control(simulator: Simulator, request: web.BaseRequest) -> Reply:
    """Answer one control request; 400 with a reason when it makes no sense, 404 for an unknown path."""
    body = await request.content.read() if request.body_exists else b""
    try:
        result = _act(simulator, request.method, request.path.removeprefix("/_sim"), dict(request.query), body)
    except (ValueError, TypeError, KeyError) as error:
        return _json({"error": str(error)}, 400)
    return _json({"error": f"no control at {request.method} {request.path}"}, 404) if result is None else _json(result)


def _act(sim: Simulator, method: str, path: str, query: dict[str, str], body: bytes) -> object | None:
    match method, path:
        case "GET", "/ledger":
            return {"now": sim.clock.now(), **sim.ledger.document(int(query.get("since", "0")))}
        case "GET", "/faults":
            return {"rules": sim.faults.rules, "injected": dict(sim.faults.injected)}
        case "GET", "/faults/kinds":
            return list(sim.faults.kinds.values())
        case "POST", "/faults":
            return sim.faults.add(msgspec.json.decode(body, type=FaultRule))
        case "DELETE", "/faults":
            sim.faults.clear()
            return {"rules": []}
        case "POST", "/engineer":
            order = msgspec.json.decode(body, type=_Action)
            arguments: dict[str, Any] = msgspec.json.decode(body)
            del arguments["action"]
            return {"done": order.action, "result": sim.act(order.action, arguments)}
        case "POST", "/reset":
            sim.reset()
            return {"now": sim.clock.now()}
        case "POST", "/clock":
            wanted = msgspec.json.decode(body, type=_Shift)
            if wanted.stop is not None:
                sim.clock.stop(wanted.stop)
            sim.clock.shift(wanted.shift)
            return {"now": sim.clock.now()}
    return None


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value), dict(_JSON))
