"""The Reporting API: sessions of a window or by id, as XML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hub.simulators.beyondtrust.command import custom_attributes
from hub.simulators.beyondtrust.state import SessionEvent, State, SupportSession
from hub.simulators.beyondtrust.xml import Refused, body, document, moment, tag, text
from hub.simulators.kit import Reply

_DAY = 86_400
_WINDOWS = ("start_date", "start_time", "end_date", "end_time")
_NUMBERS = {"system": 0, "representative": 21, "customer": 22}


def report(state: State, given: Mapping[str, str], namespace: str, host: str) -> Reply:
    """The requested report; raises Refused for an error document."""
    if state.options.permissions.get("perm_reporting_support") != "1":
        raise Refused("Permission denied.")
    kind = given.get("generate_report", "")
    if kind not in {"SupportSession", "SupportSessionListing", "SupportCustExitSurvey"}:
        raise Refused("Invalid report type.")
    sessions = _selected(state, given)
    if not sessions and state.options.empty_is_error:
        raise Refused("No sessions found for the given search criteria.")
    if kind == "SupportSessionListing":
        inner = "".join(
            tag("session_summary", lsid=session.lsid, has_recording=int(state.options.records)) for session in sessions
        )
        return document("session_summary_list", inner, namespace)
    if kind == "SupportCustExitSurvey":
        inner = "".join(
            tag("exit_survey", text("comments", session.comment), lsid=session.lsid)
            for session in sessions
            if session.comment
        )
        return document("exit_survey_list", inner, namespace)
    return document("session_list", "".join(_session(state, session, host) for session in sessions), namespace)


def _selected(state: State, given: Mapping[str, str]) -> list[SupportSession]:
    shown = [
        session
        for session in state.sessions.values()
        if session.changed <= state.clock.now() - state.options.report_lag
    ]
    sets = [name for name in (*_WINDOWS, "lsid", "lsids") if name in given]
    if len(sets) != 1:
        raise Refused("Exactly one set of search criteria is required.")
    (name,) = sets
    if name in {"lsid", "lsids"}:
        wanted = given[name].split(",")
        chosen = [session for session in shown if session.lsid in wanted]
        if name == "lsid" and not chosen:
            raise Refused("Invalid lsid.")
        return chosen
    if not given.get("duration", "").isdigit():
        raise Refused("Invalid duration.")
    begin, duration = _begin(name, given[name]), int(given["duration"])
    end = begin + duration * (_DAY if name.endswith("date") else 1) if duration else float("inf")
    at = {session.lsid: session.began if name.startswith("start") else session.ended for session in shown}
    return [session for session in shown if (when := at[session.lsid]) is not None and begin <= int(when) < end]


def _begin(name: str, value: str) -> float:
    try:
        if name.endswith("date"):
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
        return int(value)
    except ValueError:
        raise Refused(f"Invalid {name}.") from None


def _session(state: State, session: SupportSession, host: str) -> str:
    seeds = state.seeds
    inner = text("session_type", "support") + text("lseq", session.number) + moment("start_time", session.began)
    if session.ended is not None:
        inner += moment("end_time", session.ended) + text("duration", _long(session.ended - session.began))
    inner += tag("public_site", "Default", id=1) + text("external_key", session.attributes.get("external_key", ""))
    inner += tag("custom_attributes", custom_attributes(state, session))
    if session.ended is not None:
        signed = f"http://{host}/session_download?lsid=l%3D{session.lsid}%3Bt%3Dsd"
        inner += text("session_chat_download_url", f"{signed}%3Bm%3Dchat&dl_action=chat")
        if state.options.records:
            inner += text("session_recording_view_url", f"{signed}%3Bm%3Drec&dl_action=rec&view=1")
    inner += text("primary_customer", session.customer, gsnumber=_NUMBERS["customer"])
    kind, _, team = session.queue.partition(":")
    if kind == "team":
        inner += text("primary_team", seeds.teams[int(team)], id=team)
    customer = text("hostname", "PC-22") + text("public_ip", "203.0.113.7:61606") + text("primary_cust", 1)
    inner += tag("customer_list", tag("customer", customer, gsnumber=_NUMBERS["customer"]))
    if session.rep:
        name = seeds.reps[session.rep]
        inner += text("primary_rep", name, gsnumber=_NUMBERS["representative"], id=session.rep)
        rep = text("display_name", name) + text("public_ip", "Unknown") + text("primary_rep", 1)
        inner += tag("rep_list", tag("representative", rep, gsnumber=_NUMBERS["representative"], id=session.rep))
    events = "".join(_event(state, session, event) for event in session.events)
    return tag("session", inner + tag("session_details", events), lsid=session.lsid)


def _event(state: State, session: SupportSession, event: SessionEvent) -> str:
    names = {"customer": session.customer, "representative": state.seeds.reps.get(session.rep, "")}
    inner = text("performed_by", names.get(event.by, "System"), type=event.by, gsnumber=_NUMBERS[event.by])
    if event.body:
        inner += body(event.body)
    if event.filename:
        inner += text("filename", event.filename) + text("filesize", event.size)
    return tag("event", inner, timestamp=int(event.at), event_type=event.kind)


def _long(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
