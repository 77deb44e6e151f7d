"""Facts about the pages: links lead somewhere, examples are sound, generated parts are what the code says."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from book import PAGES, ROOT, anchors, blocks, links, name_of

from docs.generate import filled, main, stale
from hub.desk import ImportMapping, load_mapping
from hub.desk.layout import FileOptions
from hub.desk.mapping import ColumnNames, CommentColumns, Dates, Defaults
from hub.settings import HubSettings

WRITTEN = {"bench/results.json"}
"""Files that a make target writes; a fresh checkout need not have them."""

TYPES = {"security", "breaking", "feature", "fix", "docs"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    """A link inside the project names a file that is there, and a heading that it has."""
    broken = []
    for target in links(page):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_can_be_reached(page):
    """Every page but the README is linked from another page."""
    if page == ROOT / "README.md" or page.match("docs/changes/*.*.md"):
        return
    linked = {
        (other.parent / target.partition("#")[0]).resolve()
        for other in PAGES
        if other != page
        for target in links(other)
    }
    assert page in linked


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_opens_with_its_title(page):
    """A page has one title, and no heading leaves out a level."""
    if page.match("docs/changes/*.*.md"):
        return
    levels = [
        len(marks)
        for marks in re.findall(
            r"^(#+) ",
            re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL),
            re.MULTILINE,
        )
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_readme_maps_to_files():
    """Each row of the README's map names a file or folder of the code that exists, under its own path."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## Where to find")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| \[([^\]]+)\]\(([^)]+)\) \|$", section, re.MULTILINE)
    assert len(rows) > 15
    assert [text for text, target in rows if text != target or not (ROOT / target).exists()] == []
    assert section.count("\n| ") == len(rows) + 2


def test_paths_in_the_text_are_there():
    """A path into hub, plugins, docs or tests that a page names in code style is there."""
    missing = [
        f"{name_of(page)}: {path}"
        for page in PAGES
        for path in re.findall(r"`((?:hub|plugins|docs|tests|bench)/[\w./-]+)`", page.read_text("utf-8"))
        if path not in WRITTEN and not (ROOT / path).exists()
    ]
    assert missing == []


def test_generated_pages_are_what_the_code_says():
    """No generated page or part is stale."""
    assert stale(ROOT) == {}


def test_a_stale_page_is_told(monkeypatch, capsys, tmp_path):
    """The check fails for a page that is not there or differs, shows the difference, and writes nothing."""
    copied = tmp_path / "docs/explain/architecture.md"
    copied.parent.mkdir(parents=True)
    copied.write_text((ROOT / "docs/explain/architecture.md").read_text("utf-8").replace("| in_doubt |", "| doubt |"))
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    monkeypatch.setattr("docs.generate.ROOT", tmp_path)
    assert main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "docs/reference/hooks.md is stale; run `make docs`" in told
    assert "-| doubt |" in told
    assert not (tmp_path / "docs/reference").exists()
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_a_page_without_markers_is_refused():
    """A generated part whose markers are gone from its page is an error, not left out."""
    with pytest.raises(ValueError, match="needs the markers"):
        filled("# Architecture\n", {"states": "| a |\n"}, "docs/explain/architecture.md")


def test_news_is_named_by_number_and_type():
    """Each piece of news is named `<number>.<type>.md`, numbers are given once, and it says something."""
    files = sorted(file for file in (ROOT / "docs/changes").glob("*") if file.name != "README.md")
    named = [re.fullmatch(r"([1-9]\d*)\.([a-z]+)\.md", file.name) for file in files]
    assert all(named), [file.name for file in files]
    assert {found[2] for found in named} <= TYPES
    assert len({found[1] for found in named}) == len(files) > 0
    assert all(len(file.read_text("utf-8").split()) > 10 for file in files)


def test_the_types_of_news_are_explained():
    """The page on news names the types that the names may have, and no others."""
    text = (ROOT / "docs/changes/README.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == TYPES


def test_decisions_are_numbered_and_listed():
    """Decisions are numbered from 0001 without a gap, listed under their titles, and say what was not chosen."""
    folder = ROOT / "docs/decisions"
    files = sorted(file for file in folder.glob("*.md") if file.name != "README.md")
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    listed = re.findall(
        r"^\| \[(\d{4})\]\(([^)]+)\) \| .+ \|$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert listed == [(file.name[:4], file.name) for file in files]
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith(f"# {file.name[:4]}: ")
        for heading in ("## Context", "## Decision", "## Consequences", "## What was not chosen"):
            assert heading in text, f"{file.name} lacks {heading}"


def test_the_mapping_example_is_whole(tmp_path):
    """The example of a mapping can be loaded, and shows every key that a mapping has."""
    (example,) = blocks(ROOT / "docs/how-to/import-tickets.md", "toml")
    file = tmp_path / "mapping.toml"
    file.write_text(example, "utf-8")
    assert load_mapping(file).columns.source_id == "Number"
    shown = tomllib.loads(example)
    tables = {"file": FileOptions, "columns": ColumnNames, "dates": Dates, "defaults": Defaults}
    assert set(shown) == set(ImportMapping.__struct_fields__)
    for name, shape in tables.items():
        assert set(shown[name]) == set(shape.__struct_fields__), name
    assert set(shown["comments"][0]) == set(CommentColumns.__struct_fields__)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_of_settings_are_settings(page):
    """An example of hub.toml holds settings of the hub only, and no secret."""
    for block in blocks(page, "toml"):
        if "[accounts." not in block:
            continue
        shown = tomllib.loads(block)
        assert set(shown) <= set(HubSettings.model_fields)
        assert not any("password" in account for account in shown["accounts"].values())


def test_the_types_of_a_mapping_are_structs():
    """The tables of a mapping refuse unknown keys, as the page says."""
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.toml.decode(b"sourse = 'x'", type=ImportMapping)


def test_no_page_is_left_empty():
    """Every page says something."""
    assert [name_of(page) for page in PAGES if len(Path(page).read_text("utf-8").split()) < 20] == []
