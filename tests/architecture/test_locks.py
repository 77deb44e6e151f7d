"""Facts about the lock files: all is pinned with hashes, and what runs is apart from what builds and develops."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from locks import locked, plain
from source import PACKAGES, ROOT, modules, name_of, tree

RUNS, BUILDS, DEVELOPS = LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TOOLS = {
    plain(line)
    for line in (ROOT / "requirements-dev.in").read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "-"))
}
NAMED = {
    RUNS: {plain(one) for one in PROJECT["project"]["dependencies"]},
    BUILDS: {plain(one) for one in PROJECT["build-system"]["requires"]},
    DEVELOPS: TOOLS,
}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_with_hashes(lock):
    """Every dependency that is asked for stands in its lock with one version and its hashes, and no host stands there."""
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    starts = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(locked(lock)) == len(starts)
    assert NAMED[lock]
    assert NAMED[lock] - set(locked(lock)) == set()


def test_the_locks_agree():
    """A distribution that several locks pin has the same version in each: they are installed together."""
    pins = {(name, version) for lock in LOCKS for name, version in locked(lock).items()}
    assert len(pins) == len({name for name, _ in pins})


def test_what_runs_holds_no_tools():
    """Nothing that only builds, tests or pins the hub is in the lock of what runs."""
    assert set(locked(RUNS)) & (NAMED[BUILDS] | TOOLS | {"pip", "setuptools", "wheel"}) == set()


def test_the_hub_imports_only_what_runs():
    """What hub and plugins import comes with the lock of what runs; the conformance suite alone needs pytest."""
    installed = packages_distributions()
    missing = {
        f"{name_of(file)}: {package}"
        for file in modules()
        for package in _imported(tree(file)) - sys.stdlib_module_names - set(PACKAGES)
        if not {plain(one) for one in installed[package]} & set(locked(RUNS))
        and not (package == "pytest" and "hub/testing/" in name_of(file))
    }
    assert missing == set()


def _imported(module: ast.Module) -> set[str]:
    names = [one.name for node in ast.walk(module) if isinstance(node, ast.Import) for one in node.names]
    names += [node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names}
