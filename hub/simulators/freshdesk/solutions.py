"""Solutions: categories, their folders, and articles, without a list of changes."""

from __future__ import annotations

from typing import Any

from hub.simulators.freshdesk.lists import sliced
from hub.simulators.freshdesk.markup import text_of
from hub.simulators.freshdesk.replies import Refused, document
from hub.simulators.freshdesk.state import AGENT, State, stamp
from hub.simulators.kit import Call, Reply

PUBLISHED, DRAFT = 2, 1


def answer(state: State, call: Call, rest: list[str]) -> Reply:
    """A list or one article; 404 without a body for an unknown resource."""
    match rest:
        case ["categories"]:
            return sliced(call, list(state.categories.values()))
        case ["categories", ident, "folders"] if ident in state.categories:
            of = [folder for folder in state.folders.values() if str(folder["category_id"]) == ident]
            return sliced(call, [{name: folder[name] for name in folder if name != "category_id"} for folder in of])
        case ["folders", ident, "articles"] if ident in state.folders:
            inside = [article for article in state.articles.values() if str(article["folder_id"]) == ident]
            return sliced(call, inside)
        case ["folders", ident] if ident in state.folders:
            return document(state.folders[ident])
        case ["articles", ident] if ident in state.articles:
            return document(state.articles[ident])
    raise Refused(404)


def search(state: State, call: Call) -> Reply:
    """Articles whose words are those asked for, drafts too."""
    words = call.query.get("term", "").lower().split()
    articles = [
        article
        for article in state.articles.values()
        if words and all(word in f"{article['title']} {article['description_text']}".lower() for word in words)
    ]
    return sliced(call, articles)


def folder(state: State, name: str, category: str = "General", visibility: int = 1) -> int:
    """The folder of that name, made with its category when it is new; its id."""
    for folder in state.folders.values():
        if folder["name"] == name:
            return int(folder["id"])
    now = state.now()
    categories = [existing["id"] for existing in state.categories.values() if existing["name"] == category]
    above = categories[0] if categories else state.new_id("category", 100)
    about = {"description": None, "created_at": now, "updated_at": now}
    if not categories:
        state.categories[str(above)] = {"id": above, "name": category, "visible_in_portals": [1], **about}
    ident = state.new_id("folder", 300)
    state.folders[str(ident)] = {
        "id": ident,
        "name": name,
        "visibility": visibility,
        "category_id": above,
        "hierarchy": [],
        **about,
    }
    return ident


def store(state: State, where: int, title: str, body: str, *, published: bool = True, age: float = 0) -> str:
    """Store an article in a folder; returns its id."""
    at, ident = stamp(state.clock.now() - age), state.new_id("article", 90_000)
    values: dict[str, Any] = {
        "id": ident,
        "type": 1,
        "status": PUBLISHED if published else DRAFT,
        "agent_id": AGENT,
        "title": title,
        "category_id": state.folders[str(where)]["category_id"],
        "folder_id": where,
        "description": body,
        "description_text": text_of(body),
        "seo_data": {},
        "tags": [],
        "attachments": [],
        "cloud_files": [],
        "thumbs_up": 0,
        "thumbs_down": 0,
        "hits": 0,
        "suggested": 0,
        "feedback_count": 0,
        "created_at": at,
        "updated_at": at,
    }
    state.articles[str(ident)] = values
    return str(ident)
