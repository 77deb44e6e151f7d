"""Reads and writes: the vendor's articles and patches, and our ratings and submissions."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from hub.errors import CaseMissing, CaseRefused
from hub.model import Article, ArticleDraft, Feedback
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, RuleBroken, require, require_equal
from hub.testing.rule import rule

BODY = "<p>Restart the <b>gateway</b> &amp; wait: déjà vu.</p>"


def _publish(bed: TestBed, title: str = "Gateway restarts", action: str = "publish") -> str:
    return str(bed.act(action, title=title, body=BODY, **({"language": "en"} if action == "publish" else {})))


async def _articles(bed: TestBed) -> list[Article]:
    with contextlib.suppress(NotApplicable):
        _publish(bed)
        bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    articles = [article for article in (await bed.news(stream="articles")).items if not article.withdrawn]
    if not articles:
        raise NotApplicable("there are no articles")
    return articles


@rule("reads", "changed_articles")
async def articles_are_reported_once(bed: TestBed) -> None:
    """Every article is reported once with reference, title and a time in UTC, and a second run reports nothing."""
    await _articles(bed)
    first = await bed.news(stream="articles")
    refs = [article.reference for article in first.items]
    require_equal("references", sorted(set(refs)), sorted(refs))
    for article in first.items:
        require(article.reference and (article.title or article.withdrawn), "an article without reference or title")
        require(article.changed_at.utcoffset() == timedelta(0), "a time is not in UTC")
    second = await bed.news(first.cursor, stream="articles")
    third = await bed.news(second.cursor, stream="articles")
    require_equal("what later runs reported", ((), ()), (second.items, third.items))


@rule("reads", "changed_articles")
async def a_new_article_is_reported(bed: TestBed) -> None:
    """A published article is reported with its title and text, and again when it is revised."""
    before = await bed.news(stream="articles")
    bed.simulator.clock.shift(3)
    reference = _publish(bed)
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    published = await bed.news(before.cursor, stream="articles")
    articles = [article for article in published.items if article.title == "Gateway restarts"]
    require_equal("articles reported", 1, len(articles))
    require("gateway" in articles[0].body, "the text is not reported")
    bed.act("revise", reference=reference, title="Gateway restarts twice")
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    revised = await bed.news(published.cursor, stream="articles")
    require("Gateway restarts twice" in [article.title for article in revised.items], "the revision is not reported")


@rule("reads", "changed_articles")
async def a_withdrawn_article_is_not_reported_as_published(bed: TestBed) -> None:
    """A withdrawn article is reported as withdrawn, or no longer reported."""
    reference = _publish(bed)
    before = await bed.news(stream="articles")
    bed.simulator.clock.shift(3)
    bed.act("withdraw", reference=reference)
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    for article in (await bed.news(before.cursor, stream="articles")).items:
        require(
            article.title != "Gateway restarts" or article.withdrawn, "a withdrawn article is reported as published"
        )


@rule("reads", "search_articles")
async def a_search_finds_what_is_there(bed: TestBed) -> None:
    """A word of an article's title finds it, and special characters break nothing."""
    _publish(bed, "Quokka gateway restarts")
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    articles = await bed.vendor.search_articles(bed.account, "Quokka")
    require("Quokka gateway restarts" in [article.title for article in articles], "the article is not found")
    for query in ('"', "'; --", "%", "*", "a AND (", "zzzznobodywrotethis"):
        try:
            await bed.vendor.search_articles(bed.account, query)
        except CaseRefused as error:
            require(query not in error.message or len(query) == 1, "the refusal quotes the query")


@rule("reads", "read_article", "changed_articles")
async def an_article_is_read_in_full(bed: TestBed) -> None:
    """Reading an article by its reference returns the reported article, and an unknown reference is missing."""
    articles = await _articles(bed)
    read = await bed.vendor.read_article(bed.account, articles[0].reference)
    require_equal("title", articles[0].title, read.title)
    require(read.body, "the text is missing")
    try:
        await bed.vendor.read_article(bed.account, articles[0].reference[:-1] + "~")
    except CaseMissing:
        return
    except CaseRefused:
        return
    raise RuleBroken("reading an unknown article succeeds")


@rule("reads", "changed_patches")
async def patches_are_reported_once(bed: TestBed) -> None:
    """Every patch is reported once, a new one by the next run, and the run after that reports nothing."""
    first = await bed.news(stream="patches")
    refs = [patch.reference for patch in first.items]
    require_equal("references", sorted(set(refs)), sorted(refs))
    bed.simulator.clock.shift(3)
    _publish(bed, "Patch 9.9.9", "publish_patch")
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 3)
    second = await bed.news(first.cursor, stream="patches")
    require_equal("patches reported", ["Patch 9.9.9"], [patch.title for patch in second.items])
    require_equal("what the next run reported", (), (await bed.news(second.cursor, stream="patches")).items)


@rule("writes", "rate_article", "changed_articles")
async def an_article_is_rated_once(bed: TestBed) -> None:
    """Rating an article as helpful or not helpful stores one rating."""
    articles = await _articles(bed)
    for solved in (True, False):
        before = len(bed.simulator.ledger.entries)
        await bed.vendor.rate_article(bed.account, articles[0].reference, Feedback(solved=solved))
        require_equal("ratings stored", 1, len(bed.simulator.ledger.entries) - before)


@rule("writes", "submit_article")
async def an_article_is_submitted_once(bed: TestBed) -> None:
    """A submitted article is stored once, with its full text."""
    draft = ArticleDraft(key="RJR-000001", title="Stalled queue", problem="It stalls.", solution="Drain the queue.")
    article = await bed.vendor.submit_article(bed.account, draft)
    require(article.reference and article.title, "the article has no reference or title")
    stored = bed.stored("article")
    require_equal("articles stored", 1, len(stored))
    require("Drain the queue." in f"{stored[0].text} {stored[0].values}", "the solution is lost")
