"""Facts about journal entries: each kind is a value of the model, and no other code spells its name."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

from source import ROOT, modules, name_of, tree

from hub.model.journal import KINDS

ORDINARY = {"in_doubt", "case_gone", "case_found"}
"""Kinds that are also words of something else: a key in an error's JSON, and differences that reconciling names."""

IN_SQL = re.compile(r"\bkind\s*(?:=|IN)\s*\(?\s*'(\w+)'")


def bare(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The lines of a module that spell a kind: where one is written, compared, or asked for; compound ones anywhere."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(attr="note" | "read_kinds")):
                suspects = [*node.args, *(keyword.value for keyword in node.keywords)]
            case ast.Compare() if _is_kind(node.left):
                suspects = node.comparators
            case ast.Match(subject=subject) if _is_kind(subject):
                suspects = [case.pattern for case in node.cases]
            case ast.Constant(value=str(text)):
                if "_" in text and text in KINDS.keys() - ORDINARY:
                    yield node.lineno, text
                yield from ((node.lineno, word) for word in IN_SQL.findall(text) if word in KINDS)
                continue
            case _:
                continue
        for found in (part for suspect in suspects for part in ast.walk(suspect)):
            if isinstance(found, ast.Constant) and found.value in KINDS:
                yield found.lineno, found.value


def _is_kind(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "kind"


def test_no_code_outside_the_model_spells_a_kind() -> None:
    """Entries are written, told apart and asked for by their classes, so that mypy finds a wrong one."""
    named = {
        f"{name_of(file)}:{line}": word
        for file in modules()
        if not {"model", "migrations", "simulators"} & set(file.parts)
        for line, word in bare(tree(file))
    }
    assert named == {}


def test_a_kind_that_is_spelt_is_found() -> None:
    """In a note, a comparison, a match, a list of kinds and a statement."""
    code = """
unit.note(number, "commented", who=who)
if event.kind == "done" or event.kind in {"told", "paused"}: ...
match event.kind:
    case "sending" | "looking": ...
TIMED = ["ticket_added"]
execute("SELECT 1 FROM journal WHERE kind = 'raised'")
"""
    words = {"commented", "done", "told", "paused", "sending", "looking", "ticket_added", "raised"}
    assert {word for _, word in bare(ast.parse(code))} == words


def test_every_kind_has_one_sentence_and_a_place_in_the_reference() -> None:
    """The docstring is one line; the page names each kind and each of its fields, and no other kind."""
    for kind, shape in KINDS.items():
        text = inspect.getdoc(shape) or ""
        assert re.fullmatch(r"[A-Z][^\n]+\.", text), f"{kind}: {text!r}"
    page = (ROOT / "docs/reference/journal.md").read_text("utf-8")
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == list(KINDS)
