"""The generated reference pages on hooks, settings, errors, vendors and states: the code's own facts as Markdown."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from docs.sizes import sizes
from hub import errors, hookspecs
from hub.bonding.judgement import states
from hub.hooks import HOOKS
from hub.model import AccountSettings, BondState
from hub.settings import HubSettings
from hub.settings.sources import is_secret
from hub.vendors import Plugins, load

NOTICE = "<!-- Written by `make docs` from the code; changes made here are lost. -->\n"


def page(title: str, *parts: str) -> str:
    """A whole page: title, notice and parts, parted by blank lines."""
    return "\n\n".join([f"# {title}", NOTICE.strip(), *(part.strip("\n") for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; line breaks and bars inside a cell are made harmless."""
    lines = [list(head), ["---"] * len(head), *(list(map(_cell, row)) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# --- hooks -------------------------------------------------------------------------------------------------------


def hooks_page() -> str:
    """Every hook of the spec under the spec's own headings, with its signature and what is said of it."""
    source = inspect.getsource(hookspecs)
    headings = [
        (number, line.strip("# -"))
        for number, line in enumerate(source.splitlines(), 1)
        if line.startswith("    # --- ")
    ]
    found = hook_nodes(source)
    body: list[str] = []
    for place, (line, heading) in enumerate(headings):
        end = headings[place + 1][0] if place + 1 < len(headings) else len(source)
        body.append(f"## {heading[0].upper()}{heading[1:]}")
        body += [_hook(node) for node in found if line < node.lineno < end]
    opening = inspect.getdoc(hookspecs) or ""
    return page("Hooks", f"Spec version {hookspecs.SPEC_VERSION}. {opening}", *body)


def hook_nodes(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The hooks of the spec as its source has them."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in HOOKS
    ]


def _hook(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    hook = HOOKS[node.name]
    facts = [
        "every vendor answers it" if hook.of_every_vendor else "",
        "may wait" if hook.of_account else "plain, answers at once",
        "the first answer wins" if "firstresult=True" in ast.unparse(node.decorator_list[0]) else "",
    ]
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    return (
        f"### {node.name}\n\n{ast.get_docstring(node)}\n\n"
        f"```python\n{word} {node.name}({arguments}){returns}\n```\n\n"
        f"{'; '.join(filter(None, facts)).capitalize()}."
    )


# --- settings ----------------------------------------------------------------------------------------------------


def settings_page(root: Path) -> str:
    """Every setting of the hub, of all accounts, and of each vendor's accounts."""
    vendors = our_plugins(root).vendors
    shared = set(AccountSettings.model_fields)
    told = [
        (
            "Settings come from, first wins: environment, secrets folder, keyring, `hub.toml`, default. "
            "`hub config show --origin` tells what is in force and from where; `hub config example` prints a file "
            "that explains each one. A secret is refused in `hub.toml`."
        ),
        "## The hub",
        "In the file at the top, in the environment as `HUB_` and the name in capitals.",
        _settings(HubSettings, HubSettings.model_fields),
        "## Every account",
        (
            "In the file in the table `[accounts.NAME]`, in the environment as `HUB_ACCOUNTS__NAME__` and the "
            "setting's name in capitals, in the secrets folder as `NAME.setting`."
        ),
        _settings(AccountSettings, AccountSettings.model_fields),
    ]
    for (name, platform), model in our_plugins(root).models().items():
        own = [
            key
            for key in model.model_fields
            if key not in shared or _differs(model.model_fields[key], AccountSettings.model_fields[key])
        ]
        where = f"{name}, {platform}" if platform else name
        told += [f"## Accounts at {where}", f"{vendors[name].info.title}. On top of, or other than, the above:"]
        told.append(_settings(model, own))
    return page("Settings", *told)


def _settings(model: type[BaseModel], keys: Any) -> str:
    rows = [_setting(key, model.model_fields[key]) for key in keys]
    return table(("setting", "default", "what it is"), rows)


def _setting(key: str, field: FieldInfo) -> tuple[str, str, str]:
    secret = " A secret." if is_secret(field.annotation) else ""
    return f"`{key}`", _default(field), f"{field.title}: {field.description}{secret}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "found at start"
    plain = to_jsonable_python(field.default)
    if plain in (None, "", [], {}):
        return "none"
    return f"`{str(plain).lower() if isinstance(plain, bool) else plain}`"


def _differs(one: FieldInfo, other: FieldInfo) -> bool:
    return (one.default, one.description) != (other.default, other.description)


# --- errors ------------------------------------------------------------------------------------------------------


def errors_page() -> str:
    """The tree of errors, and for each class who acts, the exit code and the HTTP status."""
    tree = (inspect.getdoc(errors) or "").partition("\n\n")[2]
    rows = [
        (
            f"`{kind.__name__}`",
            (kind.__doc__ or "").strip().split("\n")[0],
            str(kind.actor),
            str(errors.EXIT_CODES[kind.actor]),
            str(kind.status),
        )
        for kind in error_classes()
    ]
    actors = [(str(actor), str(code)) for actor, code in errors.EXIT_CODES.items()]
    return page(
        "Errors",
        "Every error says who acts next. The command line exits with that actor's number; "
        "with `--json` it writes the error to standard error as one JSON object.",
        f"```text\n{tree}\n```",
        table(("error", "meaning", "who acts", "exit code", "HTTP status"), rows),
        "## Exit codes",
        "0 is success. The others are those of BSD's `sysexits.h`:",
        table(("who acts", "exit code"), actors),
        "A `VendorError` carries `in_doubt`: true when something may have been stored at the vendor "
        "although the call failed. What follows from it is in [exactly once](../explain/exactly-once.md).",
    )


def error_classes(kind: type[errors.HubError] = errors.HubError) -> Iterator[type[errors.HubError]]:
    """The root and all that descends from it in `hub.errors`, parents first, in the order of the file."""
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from error_classes(below)


# --- vendors -----------------------------------------------------------------------------------------------------


def entry_points(root: Path) -> dict[str, str]:
    """The plugins that pyproject.toml names: name and module."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    points: dict[str, str] = project["entry-points"]["hub"]
    return points


def our_plugins(root: Path) -> Plugins:
    """The plugins that pyproject.toml names, loaded; one that can't be used is an error."""
    points = [EntryPoint(name, value, "hub") for name, value in entry_points(root).items()]
    return load(strict=True, entry_points=points)


def vendors_page(root: Path) -> str:
    """What each vendor can do, by the hooks that its plugin answers, and what an operator should know."""
    vendors = [vendor for _, vendor in sorted(our_plugins(root).vendors.items())]
    hooks = [hook.capability for hook in HOOKS.values() if not hook.of_every_vendor]
    systems = [(vendor, platform) for vendor in vendors for platform in vendor.info.platforms or ("",)]
    able = [vendor.capabilities_on(platform) for vendor, platform in systems]
    rows = [(hook.replace("_", " "), *("yes" if hook in can else "" for can in able)) for hook in hooks]
    heads = [f"{vendor.name} {platform}".strip() for vendor, platform in systems]
    told = [
        (
            "A vendor can do what its plugin answers hooks for. One with several systems is shown once for each: an "
            "account chooses with `platform`. Settings are taken at their defaults: a secret for "
            "webhooks, say, adds `read webhook`. `hub plugins` shows the same of a running hub."
        ),
        table(("it can", *heads), rows),
        "## What a vendor takes",
        (
            "Lines of each plugin. A vendor on a known platform is three files of at most 150 lines together; one "
            "whose interface nobody else has brings modules of its own."
        ),
        table(
            ("plugin", "hooks", "settings", "words", "three together", "modules of its own"),
            [_size(vendor.name, root) for vendor in vendors],
        ),
    ]
    for vendor in vendors:
        info = vendor.info
        told += [
            f"## {info.name}",
            (
                f"{info.title}, on the platform {info.platform}. Quality tier: {vendor.quality.tier}. "
                f"Setup and words: [{info.name}](vendors/{info.name}.md)."
            ),
            (
                f"Of a ticket may leave: {', '.join(info.discloses)}. A stored case is sure to be found by its key "
                f"after {info.index_lag:g} s."
            ),
            "\n".join(f"- {note}" for note in info.notes),
            "\n".join(f"- Exempt from `{rule}`: {why}" for rule, why in vendor.quality.exempt.items()),
        ]
    return page("Vendors", *told)


def _size(name: str, root: Path) -> tuple[str, ...]:
    hooks, settings, words, others = sizes(root / "plugins" / name)
    return name, *map(str, (hooks, settings, words, hooks + settings + words, others))


# --- states ------------------------------------------------------------------------------------------------------


def states_page() -> str:
    """Every legal move of a bond."""
    return page(
        "States of a bond",
        "Every legal move. Any other is refused with `Conflict`. "
        "The table is `MOVES` in `hub/bonding/judgement/states.py`.",
        states.table(),
    )


def states_summary() -> str:
    """For each state the states that can follow it: a table that ends in a line break."""
    rows = []
    for state in BondState:
        follow = dict.fromkeys(str(after) for (before, _), after in states.MOVES.items() if before is state)
        rows.append((str(state), ", ".join(name for name in follow if name != str(state)) or "none"))
    return table(("state", "may be followed by"), rows) + "\n"
