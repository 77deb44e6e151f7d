"""Facts about every module: its size, its opening sentence, its words."""

from __future__ import annotations

import ast
import re
from statistics import median

import pytest
from source import ROOT, modules, name_of, texts, tree

LONGEST = 350
"""Lines that a module of hub or plugins may have."""

VENDOR_WORDS = re.compile(
    r"(?i:\bbmc|bomgar|beyondtrust|right.?answers|winmagic|gemalto|safenet|thales|mobile.?reach)|\bRemedy\b|\bEntrust\b"
)
HOME = re.compile(r"/(?:home|Users|root|work)/[a-z]\w*/|[A-Z]:\\\\?Users", re.ASCII)
REGISTRY = re.compile(r"(?i)\b[\w.-]+/(?:simple|api/pypi)\b|pypi\.org|pythonhosted|artifactory|--index-url[ =]\S+")
"""An index's address, or the word for one; `--no-emit-index-url` names none."""


def test_no_module_is_too_long():
    """No module of hub or plugins is longer than 350 lines, and the middle one has at most 100."""
    sizes = {name_of(file): len(file.read_text("utf-8").splitlines()) for file in modules()}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST} == {}
    assert median(sizes.values()) <= 100


@pytest.mark.parametrize("file", modules("hub", "plugins", "docs", "tests"), ids=name_of)
def test_every_module_says_what_it_is_for(file):
    """A module opens with a sentence, and ends it."""
    if not file.read_text("utf-8").strip():
        assert file.name == "__init__.py"
        return
    opening = (ast.get_docstring(tree(file)) or "").partition("\n\n")[0]
    assert len(opening.split()) > 2, f"{name_of(file)} opens with {opening!r}"
    assert opening.rstrip().endswith((".", "?", ":", ";")) or "migrations/versions" in name_of(file)


def test_every_test_states_a_fact():
    """A test function has a docstring that ends with a full stop."""
    silent = [
        f"{name_of(file)}::{node.name}"
        for file in modules("tests")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and file.name.startswith("test_")
        and not (ast.get_docstring(node) or "").rstrip().endswith(".")
    ]
    assert silent == []


def test_no_test_sleeps():
    """A test waits for a fact through `tests/kits/waiting.py`, and never for a number of seconds."""
    sleeps = [
        f"{name_of(file)}:{node.lineno}"
        for file in modules("tests")
        if file.name != "waiting.py"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and node.args
        and (getattr(node.func, "attr", "") == "sleep" or getattr(node.func, "id", "") == "sleep")
        and _fixed(node.args[0])
    ]
    assert sleeps == []


def _fixed(argument: ast.expr) -> bool:
    """Whether it is a number other than 0, or made of numbers and constants alone."""
    parts = list(ast.walk(argument))
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    return all(name.isupper() for name in names) and ast.unparse(argument) != "0"


def test_the_hub_names_no_vendor():
    """Outside samples and simulators, no file of hub/ names a vendor: what the hub knows of one, its plugin says."""
    plugins = [file.parent.name for file in (ROOT / "plugins").glob("*/__init__.py")]
    assert plugins
    own = re.compile("|".join(map(re.escape, plugins)))
    named = [
        f"{name_of(file)}: {line.strip()}"
        for file in (ROOT / "hub").rglob("*")
        if file.suffix in {".py", ".toml", ".sql"} and not {"samples", "simulators"} & set(file.relative_to(ROOT).parts)
        for line in file.read_text("utf-8").splitlines()
        if VENDOR_WORDS.search(line) or own.search(line)
    ]
    assert named == []


def test_nothing_is_left_for_later():
    """No file of the project holds a note of unfinished work, a stub or a skipped test."""
    later = re.compile("TO" + "DO|FIX" + r"ME|\bXX" + r"X\b|NotImplemented" + r"Error|pytest\.(?:mark\.)?ski" + "p")
    found = [
        f"{name_of(file)}: {line.strip()[:80]}"
        for file in texts()
        if file.suffix in {".py", ".md", ".toml"}
        for line in file.read_text("utf-8").splitlines()
        if later.search(line)
    ]
    assert found == []


def test_no_file_knows_a_machine():
    """No file names a person's or machine's folder, or the host of a package index."""
    found = [
        f"{name_of(file)}: {line.strip()[:80]}"
        for file in texts()
        if name_of(file) != "tests/architecture/test_modules.py"
        for line in file.read_text("utf-8", errors="replace").splitlines()
        if HOME.search(line) or REGISTRY.search(line)
    ]
    assert found == []
