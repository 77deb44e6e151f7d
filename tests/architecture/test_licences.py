"""Facts about the licences of what runs: each goes with Apache-2.0, by its kind or for a reason that is given."""

from __future__ import annotations

import re
from email.message import Message
from importlib.metadata import PackageMetadata, metadata

import pytest
from locks import locked

FREE = {
    *("MIT", "MIT-0", "MIT License", "ISC", "ISC License", "ISC License (ISCL)"),
    *("BSD-2-Clause", "BSD-3-Clause", "BSD License"),
    *("Apache-2.0", "Apache 2.0", "Apache Software License"),
    *("PSF-2.0", "PSFL", "Python Software Foundation License"),
}
"""Licences that ask for their notice at most, as distributions name them."""

REASONS = {
    "certifi": "MPL-2.0 holds file by file; it is a list of certificates, used as it comes",
    "psycopg": "LGPL-3.0 lets a program of any licence use the library; it is imported, unchanged and replaceable",
    "psycopg-binary": "the same library's compiled part, under the same licence",
}
"""Distributions under other licences, each with the reason why it may be used."""


def licences(about: PackageMetadata) -> set[str]:
    """The names of all licences that a distribution declares, in whichever field; none when it declares none."""
    terms = [*about.get_all("License-Expression", []), *about.get_all("License", [])]
    names = {name.strip() for term in terms for name in re.split(r"[()\n]| (?:AND|OR|WITH) ", term)}
    names |= {one.rpartition(" :: ")[2] for one in about.get_all("Classifier", []) if one.startswith("License ::")}
    return names - {"", "OSI Approved"}


def doubtful(about: PackageMetadata) -> set[str]:
    """What of the distribution's licences has to be looked at by a person."""
    return (licences(about) or {"no licence"}) - FREE


def test_what_runs_is_under_licences_that_go_with_apache():
    """No distribution of the lock is under a licence that is neither free of conditions nor listed with a reason."""
    found = {name: doubtful(metadata(name)) for name in locked("requirements.lock")}
    assert {name: sorted(names) for name, names in found.items() if names and name not in REASONS} == {}


def test_every_reason_is_still_needed():
    """A distribution that is listed with a reason is in the lock, and under a licence that needs one."""
    assert [name for name in REASONS if name not in locked("requirements.lock") or not doubtful(metadata(name))] == []


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"License-Expression": "GPL-3.0-or-later"}, {"GPL-3.0-or-later"}),
        ({"License-Expression": "MIT AND (Apache-2.0 OR AGPL-3.0-only)"}, {"AGPL-3.0-only"}),
        ({"License-Expression": "Apache-2.0 WITH LLVM-exception"}, {"LLVM-exception"}),
        ({"License": "MIT", "Classifier": "License :: OSI Approved :: GNU AGPLv3"}, {"GNU AGPLv3"}),
        ({"License": "SSPL"}, {"SSPL"}),
        ({"License": "A text\nof its own"}, {"A text", "of its own"}),
        ({}, {"no licence"}),
        ({"License": "MIT", "Classifier": "License :: OSI Approved :: MIT License"}, set()),
    ],
)
def test_a_licence_is_found_in_every_field(fields, names):
    """A licence that isn't known is seen wherever it is declared, alone or beside a free one."""
    about = Message()
    for field, value in fields.items():
        about[field] = value
    assert doubtful(about) == names
