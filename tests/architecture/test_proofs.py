"""Facts about the long proofs: each can be called by a name that the Makefile lists."""

from __future__ import annotations

import re

from source import ROOT, modules

NAME = re.compile(r"""(?:sizes\(|prove\(name=)\s*["']([\w-]+)["']""")


def test_every_proof_is_called_by_a_name_of_the_makefile():
    """The names that `make prove NAME=...` takes are those that tests have, and no others."""
    (listed,) = re.findall(r"^PROOFS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = {name for file in modules("tests") for name in NAME.findall(file.read_text("utf-8"))}
    assert named == set(listed.split())
