"""The Help Center: categories, sections, and articles as far as the caller may see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk.paging import MOST, address, number, paged, root
from hub.simulators.zendesk.replies import Refused, document, forbidden, missing, no_path
from hub.simulators.zendesk.state import ENGINEER, State, stamp

_LOCALE = re.compile(r"[a-z]{2}(-[a-z0-9]{2,4})?", re.IGNORECASE)
_EXPORT = 1000


def answer(state: State, call: Call, rest: list[str], *, agent: bool) -> Reply:
    """The reply to a call under help_center; drafts and segments are for agents."""
    locale = ""
    if rest and _LOCALE.fullmatch(rest[0]):
        locale, rest = rest[0].lower(), rest[1:]
    seen = [
        article
        for article in state.articles.values()
        if agent or (not article["draft"] and article["user_segment_id"] is None)
    ]
    here = [article for article in seen if not locale or article["locale"] == locale]
    match rest:
        case ["articles"]:
            return _list(state, call, here)
        case ["articles", "search"]:
            return _search(state, call, here)
        case ["incremental", "articles"]:
            if not agent and state.options.article_export == "agents":
                raise forbidden(nested=state.options.nested_forbidden)
            return _export(call, seen)
        case ["articles", ident, *more]:
            return _article(call, [article for article in here if str(article["id"]) == ident], more)
        case ["sections", ident, "articles"] if ident in state.sections:
            return _list(state, call, [article for article in here if str(article["section_id"]) == ident])
        case ["categories", ident, "articles"] if ident in state.categories:
            inside = {key for key, section in state.sections.items() if str(section["category_id"]) == ident}
            return _list(state, call, [article for article in here if str(article["section_id"]) in inside])
        case ["categories", ident, "sections"] if ident in state.categories:
            under = [section for section in state.sections.values() if str(section["category_id"]) == ident]
            return paged(call, "sections", under, dict, _mark)
        case ["sections" | "categories" as kind]:
            return paged(call, kind, list(getattr(state, kind).values()), dict, _mark)
        case ["sections", ident] if ident in state.sections:
            return document({"section": state.sections[ident]})
        case ["categories", ident] if ident in state.categories:
            return document({"category": state.categories[ident]})
        case ["sections" | "categories", *_]:
            raise missing()
    raise no_path()


def shown(call: Call, article: dict[str, Any]) -> dict[str, Any]:
    """An article with its addresses."""
    public = {name: value for name, value in article.items() if not name.startswith("_")}
    slug = re.sub(r"[^A-Za-z0-9]+", "-", article["title"]).strip("-")
    base, locale, ident = root(call), article["locale"], article["id"]
    return public | {
        "url": f"{base}/api/v2/help_center/{locale}/articles/{ident}.json",
        "html_url": f"{base}/hc/{locale}/articles/{ident}-{slug}",
    }


def section(state: State, name: str, category: str = "General") -> int:
    """The section of that name, made with its category when it is new; its id."""
    for section in state.sections.values():
        if section["name"] == name:
            return int(section["id"])
    about = {
        "description": "",
        "locale": "en-us",
        "source_locale": "en-us",
        "position": 0,
        "outdated": False,
        "created_at": state.now(),
        "updated_at": state.now(),
    }
    above = next((existing["id"] for existing in state.categories.values() if existing["name"] == category), 0)
    if not above:
        above = state.new_id()
        state.categories[str(above)] = {"id": above, "name": category, **about}
    ident = state.new_id()
    state.sections[str(ident)] = {"id": ident, "name": name, "category_id": above, "parent_section_id": None, **about}
    return ident


def store(
    state: State,
    where: int,
    title: str,
    body: str,
    *,
    locale: str = "en-us",
    labels: tuple[str, ...] = (),
    draft: bool = False,
    segment: int | None = None,
    age: float = 0,
) -> str:
    """Store an article in a section; returns its id."""
    moment, ident = state.clock.now() - age, state.new_id()
    at = stamp(moment)
    hidden = moment + state.options.index_seconds
    state.articles[str(ident)] = {
        "id": ident,
        "author_id": ENGINEER,
        "comments_disabled": False,
        "content_tag_ids": [],
        "label_names": list(labels),
        "draft": draft,
        "promoted": False,
        "position": 0,
        "vote_sum": 0,
        "vote_count": 0,
        "section_id": where,
        "created_at": at,
        "updated_at": at,
        "edited_at": at,
        "name": title,
        "title": title,
        "body": body,
        "source_locale": locale,
        "locale": locale,
        "outdated": False,
        "outdated_locales": [],
        "permission_group_id": 33152086795411,
        "user_segment_id": segment,
        "user_segment_ids": [] if segment is None else [segment],
        "_hidden": hidden,
        "_files": [],
    }
    return str(ident)


def _mark(article: dict[str, Any]) -> list[Any]:
    return [article["id"]]


def _list(state: State, call: Call, rows: list[dict[str, Any]]) -> Reply:
    labels = {label for label in call.query.get("label_names", "").split(",") if label}
    rows = [article for article in rows if not labels or labels & set(article["label_names"])]
    by = call.query.get("sort_by", "position")
    if by not in {"position", "title", "created_at", "updated_at", "edited_at"}:
        raise Refused(400, "InvalidValue", "sort_by is not valid")
    rows = sorted(
        rows, key=lambda article: (article[by], article["id"]), reverse=call.query.get("sort_order") == "desc"
    )
    beside: dict[str, Any] = {}
    for kind in ("sections", "categories"):
        if kind in call.query.get("include", "").split(","):
            beside[kind] = list(getattr(state, kind).values())
    return paged(
        call,
        "articles",
        rows,
        lambda article: shown(call, article),
        lambda article: [article[by], article["id"]],
        **beside,
    )


def _export(call: Call, rows: list[dict[str, Any]]) -> Reply:
    given = call.query.get("start_time", "")
    if not given.isdigit():
        raise Refused(400, "InvalidArgument", "start_time is required and must be a number of seconds")
    rows = sorted(
        (article for article in rows if _epoch(article) >= int(given)),
        key=lambda article: (_epoch(article), article["id"]),
    )
    size = min(_EXPORT, number(call, "per_page", _EXPORT))
    exported = rows[:size]
    # Articles of the same second stay together, or the next page would begin among them.
    exported += [article for article in rows[size:] if exported and _epoch(article) == _epoch(exported[-1])]
    end = _epoch(exported[-1]) if exported else int(given)
    further = address(call, start_time=end + 1) if len(exported) < len(rows) else None
    page = [shown(call, article) for article in exported]
    return document({"articles": page, "count": len(page), "next_page": further, "end_time": end})


def _search(state: State, call: Call, rows: list[dict[str, Any]]) -> Reply:
    asked, words = call.query, call.query.get("query", "").lower().split()
    if not words and not {"category", "section", "label_names"} & set(asked):
        raise Refused(400, "BadRequest", "Missing parameter: query, category, section or label_names is required")
    locale, labels = asked.get("locale", ""), {label for label in asked.get("label_names", "").split(",") if label}
    inside = {key for key, section in state.sections.items() if str(section["category_id"]) == asked.get("category")}
    articles = [
        article
        for article in rows
        if all(word in f"{article['title']} {article['body']}".lower() for word in words)
        and article["_hidden"] <= state.clock.now()
        and locale in ("", article["locale"], "*")
        and (not labels or labels & set(article["label_names"]))
        and asked.get("section", str(article["section_id"])) == str(article["section_id"])
        and ("category" not in asked or str(article["section_id"]) in inside)
        and article["updated_at"] >= asked.get("updated_after", "")
        and article["updated_at"] < asked.get("updated_before", "9")
    ]
    if "search_empty" in call.faults:
        articles = []
    size = min(MOST, number(call, "per_page", 25))

    def show(article: dict[str, Any]) -> dict[str, Any]:
        snippet = re.sub(r"<[^>]*>", " ", article["body"])[:100]
        return shown(call, article) | {"result_type": "article", "snippet": snippet}

    call.query = call.query | {"per_page": str(size)}
    return paged(call, "results", articles, show, _mark)


def _article(call: Call, articles: list[dict[str, Any]], more: list[str]) -> Reply:
    if not articles:
        raise missing()
    if more == ["attachments"]:
        return document({"article_attachments": articles[0]["_files"], "count": 0, "next_page": None})
    if more:
        raise no_path()
    return document({"article": shown(call, articles[0])})


def _epoch(article: dict[str, Any]) -> int:
    return int(datetime.strptime(article["updated_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
