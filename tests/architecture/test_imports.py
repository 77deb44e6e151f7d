"""Facts about importing the hub: names that hold what they promise, and nothing that happens."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest
from source import ROOT, modules, name_of, tree

WATCH = """
import sys, importlib, os
mischief = []
quiet = ("open", "socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.putenv")
def hook(event, arguments):
    if event not in quiet:
        return
    if event == "open":
        path, mode, flags = str(arguments[0]), arguments[1], arguments[2]
        writes = bool((mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if not writes or path.endswith(".pyc") or "__pycache__" in path:
            return
    mischief.append((event, str(arguments[:1])))
import sqlalchemy.ext.asyncio, aiohttp, httpx, pydantic_settings, platformdirs, apscheduler.schedulers.asyncio
engines = []
made = sqlalchemy.ext.asyncio.create_async_engine
sqlalchemy.ext.asyncio.create_async_engine = lambda *a, **k: (engines.append(a), made(*a, **k))[1]
sys.addaudithook(hook)
for name in sys.argv[1:]:
    importlib.import_module(name)
loaded = sorted(name for name in sys.modules if name.startswith("plugins."))
print(repr({"mischief": mischief, "engines": len(engines), "plugins": loaded}))
"""


def _module(file):
    name = name_of(file).removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def _every_module():
    return [
        _module(file)
        for file in modules("hub")
        if "migrations" not in file.parts and file.name != "__main__.py" and "-" not in file.stem
    ]


def test_nothing_happens_at_import():
    """Importing every module of the hub writes no file, opens no socket, starts nothing and loads no plugin."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, *_every_module()], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(done.stdout.strip().splitlines()[-1]) == {"mischief": [], "engines": 0, "plugins": []}


def test_no_modules_import_each_other():
    """No module of hub or plugins imports itself through others; imports for type checkers are left out."""
    graph = grimp.build_graph("hub", "plugins", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_importing_reads_no_environment():
    """No module of the hub or of a plugin asks for an environment variable while it is imported."""
    asking = [
        f"{name_of(file)}:{node.lineno}"
        for file in modules()
        for node in _at_import(tree(file))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert [place for place in asking if "migrations/env.py" not in place] == []


def _at_import(module):
    """The nodes of a module that run when it is imported."""
    waiting = [module]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        )


@pytest.mark.parametrize("name", [name for name in _every_module() if name.count(".") < 3])
def test_exported_names_are_there(name):
    """What a module lists in `__all__` is there, once, and sorted."""
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])
    assert [one for one in listed if not hasattr(module, one)] == []
    assert list(listed) == sorted(set(listed), key=lambda one: (not one.isupper(), not one[0].isupper(), one))


@pytest.mark.parametrize("name", ["hub", "hub.model", "hub.http", "hub.errors"])
def test_what_plugin_authors_use_is_explained(name):
    """Every class and function that the author's side of the hub exports has a docstring."""
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None) or [one for one in vars(module) if one[0].isupper()]
    silent = [
        one
        for one in listed
        if getattr(value := getattr(module, one), "__module__", "").startswith("hub")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and not (value.__doc__ or "").strip()
    ]
    assert silent == []
