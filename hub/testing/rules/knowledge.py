"""Reads and writes: what a vendor publishes, and what is given back to it."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from hub.errors import CaseMissing, CaseRefused
from hub.model import Article, ArticleDraft, Feedback
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, RuleBroken, require, rule, same

BODY = "<p>Restart the <b>gateway</b> &amp; wait: déjà vu.</p>"


def _publish(bench: TestBed, title: str = "Gateway restarts", action: str = "publish") -> str:
    return str(bench.tell(action, title=title, body=BODY, **({"language": "en"} if action == "publish" else {})))


async def _articles(bench: TestBed) -> list[Article]:
    with contextlib.suppress(NotApplicable):
        _publish(bench)
        bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    told = [one for one in (await bench.news(stream="articles")).items if not one.withdrawn]
    if not told:
        raise NotApplicable("there are no articles")
    return told


@rule("reads", "changed_articles")
async def articles_are_told_once(bench: TestBed) -> None:
    """Every article is told once with reference, title and a time in UTC, and a second run tells of nothing."""
    await _articles(bench)
    first = await bench.news(stream="articles")
    refs = [one.reference for one in first.items]
    same("references", sorted(set(refs)), sorted(refs))
    for one in first.items:
        require(one.reference and (one.title or one.withdrawn), "an article without reference or title")
        require(one.changed_at.utcoffset() == timedelta(0), "a time is not in UTC")
    second = await bench.news(first.cursor, stream="articles")
    third = await bench.news(second.cursor, stream="articles")
    same("what later runs told", ((), ()), (second.items, third.items))


@rule("reads", "changed_articles")
async def a_new_article_is_told(bench: TestBed) -> None:
    """A published article is told with its title and its text, and again when it is revised."""
    before = await bench.news(stream="articles")
    bench.simulator.clock.shift(3)
    reference = _publish(bench)
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    told = await bench.news(before.cursor, stream="articles")
    found = [one for one in told.items if one.title == "Gateway restarts"]
    same("articles told", 1, len(found))
    require("gateway" in found[0].body, "the text is not told")
    bench.tell("revise", reference=reference, title="Gateway restarts twice")
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    again = await bench.news(told.cursor, stream="articles")
    require("Gateway restarts twice" in [one.title for one in again.items], "the revision is not told")


@rule("reads", "changed_articles")
async def a_withdrawn_article_is_not_told_as_good(bench: TestBed) -> None:
    """An article that was withdrawn is told as withdrawn, or no longer told."""
    reference = _publish(bench)
    before = await bench.news(stream="articles")
    bench.simulator.clock.shift(3)
    bench.tell("withdraw", reference=reference)
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    for one in (await bench.news(before.cursor, stream="articles")).items:
        require(one.title != "Gateway restarts" or one.withdrawn, "a withdrawn article is told as good")


@rule("reads", "search_articles")
async def a_search_finds_what_is_there(bench: TestBed) -> None:
    """A word of an article's title finds it; odd signs break nothing."""
    _publish(bench, "Quokka gateway restarts")
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    found = await bench.vendor.search_articles(bench.account, "Quokka")
    require("Quokka gateway restarts" in [one.title for one in found], "the article is not found")
    for odd in ('"', "'; --", "%", "*", "a AND (", "zzzznobodywrotethis"):
        try:
            await bench.vendor.search_articles(bench.account, odd)
        except CaseRefused as error:
            require(odd not in error.message or len(odd) == 1, "the refusal quotes the search")


@rule("reads", "read_article", "changed_articles")
async def an_article_is_read_whole(bench: TestBed) -> None:
    """An article read by its reference is the one that was told, and an unknown one is missing."""
    told = await _articles(bench)
    read = await bench.vendor.read_article(bench.account, told[0].reference)
    same("title", told[0].title, read.title)
    require(read.body, "the text is not told")
    try:
        await bench.vendor.read_article(bench.account, told[0].reference[:-1] + "~")
    except CaseMissing:
        return
    except CaseRefused:
        return
    raise RuleBroken("an unknown article is read")


@rule("reads", "changed_patches")
async def patches_are_told_once(bench: TestBed) -> None:
    """Every patch is told once, a new one by the next run, and a run after that tells of nothing."""
    first = await bench.news(stream="patches")
    refs = [one.reference for one in first.items]
    same("references", sorted(set(refs)), sorted(refs))
    bench.simulator.clock.shift(3)
    _publish(bench, "Patch 9.9.9", "publish_patch")
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 3)
    told = await bench.news(first.cursor, stream="patches")
    same("patches told", ["Patch 9.9.9"], [one.title for one in told.items])
    same("what the next run told", (), (await bench.news(told.cursor, stream="patches")).items)


@rule("writes", "rate_article", "changed_articles")
async def an_article_is_rated_once(bench: TestBed) -> None:
    """Telling that an article helped, or did not, stores that once."""
    told = await _articles(bench)
    for solved in (True, False):
        before = len(bench.simulator.ledger.entries)
        await bench.vendor.rate_article(bench.account, told[0].reference, Feedback(solved=solved))
        same("things stored", 1, len(bench.simulator.ledger.entries) - before)


@rule("writes", "submit_article")
async def an_article_is_offered_once(bench: TestBed) -> None:
    """An article that is offered is stored once, with its words."""
    draft = ArticleDraft(key="RJR-000001", title="Stalled queue", problem="It stalls.", solution="Drain the queue.")
    made = await bench.vendor.submit_article(bench.account, draft)
    require(made.reference and made.title, "the article has no reference or title")
    stored = bench.stored("article")
    same("articles stored", 1, len(stored))
    require("Drain the queue." in f"{stored[0].text} {stored[0].values}", "the solution is lost")
