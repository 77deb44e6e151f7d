"""Proofs in two sizes: a slice that `make test` runs, and the whole that `make prove` runs."""

from __future__ import annotations

from typing import Any

import pytest


def sizes(name: str, part: Any, whole: Any) -> list[Any]:
    """Two values of a test's parameter: `part` for every run, `whole` for `make prove NAME=name`."""
    return [pytest.param(part, id="part"), pytest.param(whole, id="whole", marks=pytest.mark.prove(name=name))]
