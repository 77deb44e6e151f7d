"""The Reporting API: sessions of a window or by id, as XML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hub.simulators.beyondtrust.command import custom_attributes
from hub.simulators.beyondtrust.state import Happening, Session, State
from hub.simulators.beyondtrust.xml import Refused, body, document, moment, tag, text
from hub.simulators.kit import Reply

_DAY = 86_400
_WINDOWS = ("start_date", "start_time", "end_date", "end_time")
_NUMBERS = {"system": 0, "representative": 21, "customer": 22}


def report(state: State, given: Mapping[str, str], namespace: str, host: str) -> Reply:
    """The report asked for; raises Refused for what is answered with an error document."""
    if state.options.permissions.get("perm_reporting_support") != "1":
        raise Refused("Permission denied.")
    kind = given.get("generate_report", "")
    if kind not in {"SupportSession", "SupportSessionListing", "SupportCustExitSurvey"}:
        raise Refused("Invalid report type.")
    found = _selected(state, given)
    if not found and state.options.empty_is_error:
        raise Refused("No sessions found for the given search criteria.")
    if kind == "SupportSessionListing":
        inner = "".join(
            tag("session_summary", lsid=one.lsid, has_recording=int(state.options.records)) for one in found
        )
        return document("session_summary_list", inner, namespace)
    if kind == "SupportCustExitSurvey":
        inner = "".join(
            tag("exit_survey", text("comments", one.comment), lsid=one.lsid) for one in found if one.comment
        )
        return document("exit_survey_list", inner, namespace)
    return document("session_list", "".join(_session(state, one, host) for one in found), namespace)


def _selected(state: State, given: Mapping[str, str]) -> list[Session]:
    shown = [one for one in state.sessions.values() if one.changed <= state.clock.now() - state.options.report_lag]
    sets = [name for name in (*_WINDOWS, "lsid", "lsids") if name in given]
    if len(sets) != 1:
        raise Refused("Exactly one set of search criteria is required.")
    (name,) = sets
    if name in {"lsid", "lsids"}:
        wanted = given[name].split(",")
        found = [one for one in shown if one.lsid in wanted]
        if name == "lsid" and not found:
            raise Refused("Invalid lsid.")
        return found
    if not given.get("duration", "").isdigit():
        raise Refused("Invalid duration.")
    begin, duration = _begin(name, given[name]), int(given["duration"])
    end = begin + duration * (_DAY if name.endswith("date") else 1) if duration else float("inf")
    at = {one.lsid: one.began if name.startswith("start") else one.ended for one in shown}
    return [one for one in shown if (when := at[one.lsid]) is not None and begin <= int(when) < end]


def _begin(name: str, value: str) -> float:
    try:
        if name.endswith("date"):
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
        return int(value)
    except ValueError:
        raise Refused(f"Invalid {name}.") from None


def _session(state: State, one: Session, host: str) -> str:
    seeds = state.seeds
    inner = text("session_type", "support") + text("lseq", one.number) + moment("start_time", one.began)
    if one.ended is not None:
        inner += moment("end_time", one.ended) + text("duration", _long(one.ended - one.began))
    inner += tag("public_site", "Default", id=1) + text("external_key", one.attributes.get("external_key", ""))
    inner += tag("custom_attributes", custom_attributes(state, one))
    if one.ended is not None:
        signed = f"http://{host}/session_download?lsid=l%3D{one.lsid}%3Bt%3Dsd"
        inner += text("session_chat_download_url", f"{signed}%3Bm%3Dchat&dl_action=chat")
        if state.options.records:
            inner += text("session_recording_view_url", f"{signed}%3Bm%3Drec&dl_action=rec&view=1")
    inner += text("primary_customer", one.customer, gsnumber=_NUMBERS["customer"])
    kind, _, team = one.queue.partition(":")
    if kind == "team":
        inner += text("primary_team", seeds.teams[int(team)], id=team)
    customer = text("hostname", "PC-22") + text("public_ip", "203.0.113.7:61606") + text("primary_cust", 1)
    inner += tag("customer_list", tag("customer", customer, gsnumber=_NUMBERS["customer"]))
    if one.rep:
        name = seeds.reps[one.rep]
        inner += text("primary_rep", name, gsnumber=_NUMBERS["representative"], id=one.rep)
        rep = text("display_name", name) + text("public_ip", "Unknown") + text("primary_rep", 1)
        inner += tag("rep_list", tag("representative", rep, gsnumber=_NUMBERS["representative"], id=one.rep))
    events = "".join(_event(state, one, happening) for happening in one.events)
    return tag("session", inner + tag("session_details", events), lsid=one.lsid)


def _event(state: State, one: Session, happening: Happening) -> str:
    names = {"customer": one.customer, "representative": state.seeds.reps.get(one.rep, "")}
    inner = text("performed_by", names.get(happening.by, "System"), type=happening.by, gsnumber=_NUMBERS[happening.by])
    if happening.body:
        inner += body(happening.body)
    if happening.filename:
        inner += text("filename", happening.filename) + text("filesize", happening.size)
    return tag("event", inner, timestamp=int(happening.at), event_type=happening.kind)


def _long(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
