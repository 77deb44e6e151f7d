"""Facts that hold between the code's parts: hooks, settings, errors, and the plugins that are named in several places."""

from __future__ import annotations

import ast
import inspect
import re

import pytest
from source import ROOT, modules, tree

from docs.pages import entry_points, error_classes, our_plugins
from hub import Hooks, errors
from hub.hooks import HOOKS
from hub.model import AccountSettings
from hub.settings import HubSettings

PLUGINS = sorted(entry_points(ROOT))


def test_every_hook_is_one_sentence():
    """A hook's docstring is one sentence with a full stop, and every function of the spec is a hook."""
    told = {name: (inspect.getdoc(hook.function) or "") for name, hook in HOOKS.items()}
    assert [name for name, text in told.items() if not text.endswith(".") or "\n\n" in text] == []
    assert [name for name in vars(Hooks) if not name.startswith("__")] == list(HOOKS)


def test_a_hook_waits_when_it_gets_an_account():
    """In the spec the hooks with an account, and no others, are asynchronous or give chunks."""
    for hook in HOOKS.values():
        assert hook.of_account == (inspect.iscoroutinefunction(hook.function) or hook.streams), hook.name


def test_the_reference_has_every_hook_and_no_other():
    """The hooks of the reference page are those of the spec, with the same arguments, both ways."""
    text = (ROOT / "docs/reference/hooks.md").read_text("utf-8")
    assert re.findall(r"^### (hub_\w+)$", text, re.MULTILINE) == list(HOOKS)
    shown = dict(re.findall(r"^(?:async )?def (hub_\w+)\((.*)\)", text, re.MULTILINE))
    spec = {name: list(hook.signature.parameters) for name, hook in HOOKS.items()}
    assert {name: re.findall(r"(\w+): ", shown[name]) for name in HOOKS} == spec


def _models():
    yield HubSettings
    yield AccountSettings
    yield from our_plugins(ROOT).models().values()


@pytest.mark.parametrize("model", list(_models()), ids=lambda model: model.__name__)
def test_every_setting_is_titled_and_described(model):
    """A setting has a title without a full stop and a description with one."""
    wrong = [
        key
        for key, field in model.model_fields.items()
        if not field.title or field.title.endswith(".") or not (field.description or "").endswith(".")
    ]
    assert wrong == []
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


def test_every_error_says_who_acts():
    """Every error class has a place in the drawn tree and on the page, an actor with an exit code, and its own words."""
    drawn = inspect.getdoc(errors) or ""
    page = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    for kind in error_classes():
        assert re.search(rf"\b{kind.__name__}\b", drawn), kind
        assert f"| `{kind.__name__}` |" in page
        assert kind.actor in errors.EXIT_CODES
        assert 400 <= kind.status < 600
        assert kind.__doc__
        assert kind.__doc__ != (kind.__base__.__doc__ or "")


def test_the_drawn_tree_is_the_real_one():
    """The tree at the head of hub/errors.py shows every class at its true depth, in the order of the file."""
    drawn = [
        (len(indent) // 4, name)
        for indent, name in re.findall(r"^([│├└─ ]*)([A-Z]\w+)(?= |$)", inspect.getdoc(errors) or "", re.MULTILINE)
        if name in vars(errors)
    ]
    real = [(len(kind.__mro__) - len(errors.HubError.__mro__), kind.__name__) for kind in error_classes()]
    assert drawn == real


def test_every_error_is_used():
    """No error class is there for nothing: what is inherited by no other is named by code outside hub/errors.py."""
    named = {
        node.id if isinstance(node, ast.Name) else node.attr
        for file in modules()
        if file != ROOT / "hub/errors.py"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    leaves = [kind.__name__ for kind in error_classes() if not kind.__subclasses__()]
    assert set(leaves) - named == set()


def test_plugins_are_named_alike_everywhere():
    """Entry points, plugin folders, vendor pages, the capability table and the README name the same vendors."""
    folders = sorted(file.parent.name for file in (ROOT / "plugins").glob("*/__init__.py"))
    pages = sorted(file.stem for file in (ROOT / "docs/reference/vendors").glob("*.md"))
    table = re.findall(r"^## (\w+)$", (ROOT / "docs/reference/vendors.md").read_text("utf-8"), re.MULTILINE)
    readme = re.findall(r"\(docs/reference/vendors/(\w+)\.md\)", (ROOT / "README.md").read_text("utf-8"))
    assert folders == PLUGINS
    assert pages == PLUGINS
    assert sorted(table) == PLUGINS
    assert sorted(set(readme)) == PLUGINS


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_keeps_to_the_file_names(name):
    """A plugin's folder has the files that every plugin has, and its module answers under its own name."""
    folder = ROOT / "plugins" / name
    for file in ("__init__.py", "settings.py", "mapping.py", "simulator.py", "intake.toml", "quality.toml"):
        assert (folder / file).is_file(), file
    assert entry_points(ROOT)[name] == f"plugins.{name}:plugin"
    assert our_plugins(ROOT).vendors[name].info.name == name


def test_every_setting_has_an_effect():
    """Each of the hub's settings is read somewhere in the hub, not only declared."""
    source = "\n".join(
        file.read_text("utf-8")
        for file in (ROOT / "hub").rglob("*.py")
        if file.relative_to(ROOT).as_posix() != "hub/settings/model.py"
    )
    unread = [key for key in HubSettings.model_fields if not re.search(rf"(?:settings|chosen)\.{key}\b", source)]
    assert unread == []
