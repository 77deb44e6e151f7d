"""The Help Center: articles by locale, listed, searched and read; drafts are for agents."""

from __future__ import annotations

import re
from typing import Any

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk.lists import sliced
from hub.simulators.zendesk.options import Article
from hub.simulators.zendesk.replies import Refused, document, forbidden, no_such_path, unknown
from hub.simulators.zendesk.state import ENGINEER, State, User, stamp

_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


def store(state: State, one: Article) -> str:
    """Publish an article; its id."""
    ident, at = state.new_id("article", 33153695249042), stamp(state.clock.now() - one.age_seconds)
    state.articles[str(ident)] = {
        "id": ident, "author_id": ENGINEER.id, "comments_disabled": False, "content_tag_ids": [],
        "label_names": list(one.labels), "draft": one.draft, "promoted": False, "position": 0, "vote_sum": 0,
        "vote_count": 0, "section_id": 33152317085843, "created_at": at, "updated_at": at, "edited_at": at,
        "name": one.title, "title": one.title, "body": one.body, "source_locale": one.locale, "locale": one.locale,
        "outdated": False, "outdated_locales": [], "permission_group_id": 33152086795411,
        "user_segment_id": one.segment, "user_segment_ids": [] if one.segment is None else [one.segment],
    }  # fmt: skip
    return str(ident)


def answer(state: State, call: Call, by: User | None, rest: list[str]) -> Reply:
    """What was asked below /help_center."""
    locale = (
        rest.pop(0)
        if rest and rest[0] not in {"articles", "incremental"} and _LOCALE.fullmatch(rest[0])
        else ""
    )
    if locale and locale not in state.seeds.locales:
        raise unknown()
    match rest:
        case ["articles"]:
            return document(sliced(call, "articles", _listed(state, call, by, locale)))
        case ["articles", "search"]:
            return document(_search(state, call, by))
        case ["articles", ident]:
            found = state.articles.get(ident)
            if found is None or not _sees(found, by) or (locale and found["locale"] != locale):
                raise unknown()
            return document({"article": _shown(found, call)})
        case ["incremental", "articles"]:
            return document(_incremental(state, call, by))
    raise no_such_path()


def _sees(one: dict[str, Any], by: User | None) -> bool:
    if by is not None and by.role != "end-user":
        return True
    return not one["draft"] and (one["user_segment_id"] is None or by is not None)


def _listed(state: State, call: Call, by: User | None, locale: str) -> list[dict[str, Any]]:
    field = call.query.get("sort_by", "position")
    if field not in {"position", "title", "created_at", "updated_at", "edited_at"}:
        raise Refused(400, "InvalidValue", "sort_by is not valid")
    found = [one for one in state.articles.values() if _sees(one, by) and locale in ("", one["locale"])]
    falling = call.query.get("sort_order", "asc") == "desc"
    return [
        _shown(one, call) for one in sorted(found, key=lambda one: (one[field], one["id"]), reverse=falling)
    ]


def _search(state: State, call: Call, by: User | None) -> dict[str, Any]:
    words = [word.strip('"').lower() for word in call.query.get("query", "").split()]
    if not words:
        raise Refused(400, "InvalidParameter", "One of query, category, section or label_names is required")
    locale, after = call.query.get("locale", ""), call.query.get("updated_after", "")
    found = [
        _shown(one, call) | {"result_type": "article", "snippet": one["body"][:80]}
        for one in state.articles.values()
        if _sees(one, by) and not one["draft"] and locale in ("", one["locale"]) and one["updated_at"] > after
        and all(word in f"{one['title']} {one['body']}".lower() for word in words)
    ]  # fmt: skip
    return sliced(call, "results", found)


def _incremental(state: State, call: Call, by: User | None) -> dict[str, Any]:
    if by is None or by.role == "end-user":
        raise forbidden()
    start = call.query.get("start_time", "")
    if not start.isdigit():
        raise Refused(400, "InvalidValue", "start_time is not valid")
    found = [one for one in state.articles.values() if one["updated_at"] >= stamp(int(start))]
    page = sorted(found, key=lambda one: (one["updated_at"], one["id"]))
    return {"articles": [_shown(one, call) for one in page], "count": len(page), "next_page": None,
            "end_time": int(state.clock.now())}  # fmt: skip


def _shown(one: dict[str, Any], call: Call) -> dict[str, Any]:
    root = f"http://{call.headers.get('Host', '')}"
    address = {
        "url": f"{root}/api/v2/help_center/{one['locale']}/articles/{one['id']}.json",
        "html_url": f"{root}/hc/{one['locale']}/articles/{one['id']}",
    }
    return one | address
