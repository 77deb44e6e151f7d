"""Customer files: three equivalent formats, and faults that name their location."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from hub.desk.customer_fields import read, read_contact
from hub.desk.customers import read_customers
from hub.errors import BadInput
from hub.model import Contact, Contract, Customer

PLANS = {"fast-track": "fast-track", "continuous": "continuous", "extended support": "continuous"}
HEAD = "number,name,language,province,zone,account_manager,contact_name,contact_email,contract,plan,starts_on,ends_on,products\n"
ROWS = (
    "100,Northwind,French,QC,America/Toronto,carla,Ana,ana@n.example,K-1,Fast-Track,2026-01-01,,Helix;Remote\n"
    "100,,,,,,Bo,bo@n.example,K-2,extended support,2026-01-01,2026-12-31,\n"
    "200,Contoso,,,,,,,,,,,\n"
)
EXPECTED = [
    Customer(
        number="100",
        name="Northwind",
        language="fr",
        province="QC",
        zone="America/Toronto",
        account_manager="carla",
        contacts=(Contact(name="Ana", email="ana@n.example"), Contact(name="Bo", email="bo@n.example")),
        contracts=(
            Contract(
                number="K-1",
                customer="100",
                plan="fast-track",
                starts_on=date(2026, 1, 1),
                products=("Helix", "Remote"),
            ),
            Contract(
                number="K-2", customer="100", plan="continuous", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
            ),
        ),
    ),
    Customer(number="200", name="Contoso"),
]
TOML = """
[[customers]]
number = 100
name = "Northwind"
language = "fr"
province = "QC"
zone = "America/Toronto"
account_manager = "carla"
contacts = [{name = "Ana", email = "ana@n.example"}, {name = "Bo", email = "bo@n.example"}]
contracts = [
    {number = "K-1", plan = "fast-track", starts_on = 2026-01-01, products = ["Helix", "Remote"]},
    {number = "K-2", plan = "continuous", starts_on = "2026-01-01", ends_on = 2026-12-31},
]
[[customers]]
number = "200"
name = "Contoso"
"""


def read_file(folder: Path, name: str, text: str) -> list[Customer]:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_customers(path, PLANS)


def faults(folder: Path, name: str, text: str) -> str:
    with pytest.raises(BadInput) as caught:
        read_file(folder, name, text)
    return caught.value.message


def test_the_three_formats_are_equivalent(tmp_path: Path) -> None:
    """CSV with a row for each contract, TOML, JSON; numbers may be written as numbers, and null means empty."""
    assert read_file(tmp_path, "c.csv", HEAD + ROWS) == EXPECTED
    assert (
        read_file(
            tmp_path,
            "c.csv",
            (HEAD + ROWS).replace(";", "|").replace(",", ";").replace("Helix|Remote", '"Helix;Remote"'),
        )
        == EXPECTED
    )
    assert read_file(tmp_path, "c.toml", TOML) == EXPECTED
    plain = {"customers": [customer.plain() for customer in EXPECTED]}
    for customer in plain["customers"]:
        for contract in customer["contracts"]:
            del contract["customer"]
    assert read_file(tmp_path, "c.json", json.dumps(plain)) == EXPECTED


def test_every_fault_is_named_with_line_and_column(tmp_path: Path) -> None:
    """All faults of a file are reported at once."""
    text = HEAD + (
        ",Nobody,,,,,,,,,,,\n"
        "1,,,,,,,,,,,,\n"
        "2,B,de,,Mars/Base,,X,nowhere,,,,,\n"
        "3,C,,,,,,,K-1,gold,01/02/2026,,\n"
        "4,D,,,,,,,,fast-track,2026-01-01,,\n"
        "5,E,,,,,,,K-5,fast-track,2026-02-01,2026-01-01,\n"
        "5,Other,,,,,,,K-5,continuous,2026-02-01,,\n"
        "6,F\n"
    )
    got = faults(tmp_path, "c.csv", text).splitlines()
    assert got[0] == "nothing was imported from c.csv:"
    assert [line.partition(": ")[0] for line in got[1:]] == [
        "line 2, column number",
        "line 3, column name",
        "line 4, column language",
        "line 4, column zone",
        "line 5, column plan",
        "line 5, column starts_on",
        "line 6, column contract",
        "line 7, column ends_on",
        "line 8, column name",
        "line 8, column contract",
        "line 9",
    ]
    assert "'gold'; the offer has: continuous, fast-track" in got[5]


def test_a_contact_without_address_parts_is_checked(tmp_path: Path) -> None:
    """An invalid address is reported."""
    text = HEAD + "2,B,,,,,X,nowhere,,,,,\n"
    assert "line 2, column contact_email: 'nowhere' is not an e-mail address" in faults(tmp_path, "c.csv", text)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.csv", "number,name,colour\n1,A,red\n", "unknown columns: colour"),
        ("c.csv", "name,plan\nA,x\n", "no column number"),
        ("c.csv", "number,name\n", "contains no customers"),
        ("c.toml", "customers = [", "can't be read"),
        ("c.json", "{", "can't be read"),
        ("c.json", "[" * 100_000, "can't be read"),
        ("c.json", "[]", "one list, `customers`"),
        ("c.json", '{"customers": [], "more": 1}', "nothing else"),
        ("c.json", '{"customers": [5]}', "customer 1: must be a table"),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A", "colour": "red"}]}',
            "customer 1, colour: unknown field",
        ),
        ("c.json", '{"customers": [{"number": ["1"], "name": "A"}]}', "customer 1, number: must be a text"),
        ("c.json", '{"customers": [{"number": "1", "name": "A\\u0000"}]}', "customer 1, name: it contains NUL"),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A", "contracts": {}}]}',
            "customer 1, contracts: must be a list",
        ),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A", "contracts": [{"number": "K"}]}]}',
            "customer 1, contract 1, plan",
        ),
    ],
)
def test_an_invalid_file_is_rejected(tmp_path: Path, name: str, text: str, message: str) -> None:
    """The message names the location, where there is one."""
    assert message in faults(tmp_path, name, text)


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    """In each format."""
    for name in ("c.csv", "c.toml"):
        with pytest.raises(BadInput):
            read_customers(tmp_path / name, PLANS)


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """Twenty are listed, the rest is counted."""
    text = HEAD + ",x,,,,,,,,,,,\n" * 25
    got = faults(tmp_path, "c.csv", text).splitlines()
    assert len(got) == 22
    assert got[-1] == "and 5 more"


def test_single_fields_are_parsed_alike() -> None:
    """As they are given on a command line."""
    assert read("language", "Français") == "fr"
    assert read_contact("Ana Roy <ana@n.example> 555-1") == Contact(
        name="Ana Roy", email="ana@n.example", phone="555-1"
    )
    assert read_contact("Ana Roy") == Contact(name="Ana Roy")
    with pytest.raises(BadInput, match="starts on: 'soon' is not a date"):
        read("starts_on", "soon")
    assert read("at", "2027-01-09T10:00") == datetime(2027, 1, 9, 10)
    with pytest.raises(BadInput, match="at: 'soon' is not a time"):
        read("at", "soon")
    with pytest.raises(BadInput, match='missing ">"'):
        read_contact("Ana <ana@n.example")
