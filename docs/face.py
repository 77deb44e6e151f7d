"""The generated file hub/vendors/face.pyi: the types of the methods that a vendor's face has from the spec."""

from __future__ import annotations

import ast
import inspect
import re

import hub.model
from docs.pages import hook_nodes
from hub import hookspecs
from hub.hooks import HOOKS

_WIDTH = 120


def face_stub() -> str:
    """The whole file, formatted as `ruff format` does."""
    methods = "".join(_method(node) for node in hook_nodes(inspect.getsource(hookspecs)) if HOOKS[node.name].of_account)
    names = sorted(set(re.findall(r"\w+", methods)) & set(hub.model.__all__), key=str.casefold)
    imported = "".join(f"    {name},\n" for name in names)
    return (
        "# Written by `make docs` from hub/hookspecs.py; changes made here are lost.\n\n"
        "from collections.abc import AsyncIterator\n\n"
        f"from hub.model import (\n{imported})\n\n"
        f"class Face:\n{methods}"
    )


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    opening = f"    {word} {HOOKS[node.name].capability}("
    arguments = ast.unparse(node.args)
    closing = f") -> {ast.unparse(node.returns) if node.returns else 'None'}: ...\n"
    whole = (opening + arguments + closing).replace("Account[Settings]", "AnyAccount")
    if len(whole.rstrip()) <= _WIDTH:
        return whole
    return f"{opening}\n        {arguments}\n    {closing}".replace("Account[Settings]", "AnyAccount")
