"""Knowledge articles of RKM, and those among them that are patch notices.

An article's row names the template form that holds its body; technician notes are never asked for.
Field ids and forms: the public source of an RKM connection for BMC Helix (connections/rkm/service.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from typing import NamedTuple

from hub.errors import HubError, VendorMisbehaved
from hub.model import Account, Article, Cursor, Page, Patch, Quarantined
from hub.platforms.items import is_of_the_account, parse_each, reference
from hub.platforms.texts import ident, moment, text

from . import client as ar
from .news import Source, read_page
from .settings import BmcSettings

MANAGER = "RKM:KnowledgeArticleManager"
ID = "InstanceId"
CHANGED = "ArticleLastModifiedDate"
TITLE_ID = "302300502"
FIELDS = (
    ID,
    "DocID",
    "ArticleTitle",
    "ArticleForm",
    "FK_GUID",
    CHANGED,
    "StatusSelectionField",
    "InternalArticleIndication",
    "Company",
    "Language",
)
_FOUND = 20  # articles that a search gives at most
_CHUNK = 20  # bodies asked for at once: an address must not grow without end

TEMPLATES: dict[str, dict[str, str]] = {
    "RKM:HowToTemplate": {"RKMTemplateQuestion": "Question", "RKMTemplateAnswer": "Answer"},
    "RKM:ProblemSolutionTemplate": {"RKMTemplateProblem": "Problem", "RKMTemplateSolution": "Solution"},
    "RKM:KnownErrorTemplate": {
        "RKMTemplateError": "Error",
        "RKMTemplateRootCause": "Root cause",
        "RKMTemplateFix": "Fix",
    },
    "RKM:ReferenceTemplate": {"Reference": "Reference"},
    "RKM:KCS:Template": {
        "RKMTemplateKCSProblem": "Problem",
        "RKMTemplateEnvironment": "Environment",
        "RKMTemplateResolution": "Resolution",
        "RKMTemplateCause": "Cause",
    },
}
"""The body's fields and their headings, by template form."""


Bodies = dict[str, str | HubError]
"""The bodies by their ids, or the error of the call that should have brought them."""


class ArticleRows(NamedTuple):
    """Articles, and rows that could not be understood."""

    articles: tuple[Article, ...]
    bad: tuple[Quarantined, ...]


async def changed_articles(account: Account[BmcSettings], cursor: Cursor) -> Page[Article]:
    """One page of articles; one not published, or internal, comes as withdrawn and without a text."""
    page, found = await _changed(account, cursor, "")
    return Page(items=found.articles, cursor=page[0], more=page[1], quarantined=found.bad)


async def changed_patches(account: Account[BmcSettings], cursor: Cursor) -> Page[Patch]:
    """One page of the articles that the account's patch filter picks; without a filter there are none."""
    settings = account.settings
    if not settings.patch_field:
        return Page(items=(), cursor=cursor)
    picked = f"{ar.field(settings.patch_field)} LIKE {ar.literal(f'%{like(settings.patch_text)}%')}"
    page, found = await _changed(account, cursor, picked)
    patches = tuple(
        Patch(
            reference=one.reference,
            title=one.title,
            body=one.body,
            changed_at=one.changed_at,
            number=one.number,
            product=one.product,
            withdrawn=one.withdrawn,
        )
        for one in found.articles
    )
    return Page(items=patches, cursor=page[0], more=page[1], quarantined=found.bad)


async def search_articles(account: Account[BmcSettings], words: str) -> tuple[Article, ...]:
    """Published articles whose title holds all the words, newest first; 20 at most."""
    conditions = [f"{ar.field(TITLE_ID)} LIKE {ar.literal(f'%{like(word)}%')}" for word in words.split()]
    if not conditions:
        return ()
    page = await ar.query(
        account.client,
        MANAGER,
        ar.both("'302312185' = 700", "'302312186' != 1", *conditions),
        FIELDS,
        sort=f"{CHANGED}.desc",
        limit=_FOUND,
    )
    found = await _articles(account, page.rows)
    return tuple(one for one in found.articles if not one.withdrawn)


def like(words: str) -> str:
    """Words for LIKE: its wildcards in them become "any character", as it knows no escape."""
    return "".join("_" if character in "%_[]" else character for character in words)


async def _changed(
    account: Account[BmcSettings], cursor: Cursor, picked: str
) -> tuple[tuple[Cursor, bool], ArticleRows]:
    read = await read_page(account, Source(MANAGER, FIELDS, ID, CHANGED, picked), cursor)
    found = await _articles(account, read.rows)
    return (read.state.plain(), not read.over), ArticleRows(found.articles, (*read.bad, *found.bad))


async def _articles(account: Account[BmcSettings], rows: Iterable[ar.Row]) -> ArticleRows:
    bodies = await _bodies(account, rows := tuple(rows))
    articles, bad = parse_each(
        rows, lambda row: _article(row, bodies, account.settings), lambda row: reference(row.values, ID)
    )
    return ArticleRows(articles, bad)


def _article(row: ar.Row, bodies: Bodies, settings: BmcSettings) -> Article:
    values = row.values
    changed_at = moment(values, CHANGED)
    if changed_at is None:
        raise VendorMisbehaved("an article lacks its time of change")
    article = Article(
        reference=ident(values, ID),
        number=text(values, "DocID"),
        title="",
        body="",
        changed_at=changed_at,
        language=text(values, "Language"),
        withdrawn=True,
    )
    if not _shown(values):
        return article
    template, guid = text(values, "ArticleForm"), text(values, "FK_GUID")
    if template not in TEMPLATES:
        raise VendorMisbehaved("the article's template form is not known", next_step="tell the hub's developers")
    if guid not in bodies:
        raise VendorMisbehaved(f"the article's body is not in {template}")
    body = bodies[guid]
    if isinstance(body, HubError):
        raise body
    return article.evolve(
        title=text(values, "ArticleTitle"), body=body, public=settings.articles_public, withdrawn=False
    )


def _shown(values: ar.Values) -> bool:
    published = values.get("StatusSelectionField") in ("Published", 700, "700")
    return published and values.get("InternalArticleIndication") in (None, "No", 0, "0")


async def _bodies(account: Account[BmcSettings], rows: Iterable[ar.Row]) -> Bodies:
    wanted: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        template, guid = row.values.get("ArticleForm"), row.values.get("FK_GUID")
        if isinstance(template, str) and template in TEMPLATES and isinstance(guid, str) and _shown(row.values):
            wanted[template].append(guid)
    bodies: Bodies = {}
    for template, guids in wanted.items():
        for start in range(0, len(guids), _CHUNK):
            chunk = guids[start : start + _CHUNK]
            try:
                bodies |= await _some_bodies(account, template, chunk)
            except HubError as error:
                if is_of_the_account(error):
                    raise
                bodies |= dict.fromkeys(chunk, error)
    return bodies


async def _some_bodies(account: Account[BmcSettings], template: str, guids: list[str]) -> dict[str, str]:
    sections = TEMPLATES[template]
    these = " OR ".join(f"'179' = {ar.literal(guid)}" for guid in guids)
    rows = await ar.every(
        account.client, template, ar.both(these), (ID, *sections), key=ID, limit=account.settings.page_size
    )
    bodies: dict[str, str] = {}
    for row in rows:
        with suppress(VendorMisbehaved):  # the article that wants it is set aside then
            bodies[text(row.values, ID)] = _body(row.values, sections)
    return bodies


def _body(values: ar.Values, sections: dict[str, str]) -> str:
    parts = [(heading, text(values, name)) for name, heading in sections.items()]
    return "\n".join(f"<h2>{escape(heading)}</h2>\n{part}" for heading, part in parts if part)
