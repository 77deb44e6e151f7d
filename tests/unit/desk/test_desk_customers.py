"""Files of customers: three forms that mean the same, and faults that name their place."""

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
WANTED = [
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


def told(folder: Path, name: str, text: str) -> list[Customer]:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_customers(path, PLANS)


def faults(folder: Path, name: str, text: str) -> str:
    with pytest.raises(BadInput) as caught:
        told(folder, name, text)
    return caught.value.message


def test_the_three_forms_mean_the_same(tmp_path: Path) -> None:
    """CSV with a row for each contract, TOML, JSON; numbers may be written as numbers, and null as nothing."""
    assert told(tmp_path, "c.csv", HEAD + ROWS) == WANTED
    assert (
        told(
            tmp_path,
            "c.csv",
            (HEAD + ROWS).replace(";", "|").replace(",", ";").replace("Helix|Remote", '"Helix;Remote"'),
        )
        == WANTED
    )
    assert told(tmp_path, "c.toml", TOML) == WANTED
    plain = {"customers": [one.plain() for one in WANTED]}
    for one in plain["customers"]:
        for contract in one["contracts"]:
            del contract["customer"]
    assert told(tmp_path, "c.json", json.dumps(plain)) == WANTED


def test_every_fault_is_named_with_line_and_column(tmp_path: Path) -> None:
    """All faults of a file are told at once."""
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
    assert got[0] == "nothing of c.csv was imported:"
    assert [one.partition(": ")[0] for one in got[1:]] == [
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
    """An address that is none is named."""
    text = HEAD + "2,B,,,,,X,nowhere,,,,,\n"
    assert "line 2, column contact_email: 'nowhere' is no e-mail address" in faults(tmp_path, "c.csv", text)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.csv", "number,name,colour\n1,A,red\n", "columns that customers don't have: colour"),
        ("c.csv", "name,plan\nA,x\n", "no column number"),
        ("c.csv", "number,name\n", "holds no customer"),
        ("c.toml", "customers = [", "can't be read"),
        ("c.json", "{", "can't be read"),
        ("c.json", "[" * 100_000, "can't be read"),
        ("c.json", "[]", "one list, `customers`"),
        ("c.json", '{"customers": [], "more": 1}', "nothing beside it"),
        ("c.json", '{"customers": [5]}', "customer 1: it has to be a table"),
        ("c.json", '{"customers": [{"number": "1", "name": "A", "colour": "red"}]}', "customer 1, colour: there is no"),
        ("c.json", '{"customers": [{"number": ["1"], "name": "A"}]}', "customer 1, number: it has to be a text"),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A\\u0000"}]}',
            "customer 1, name: it holds what is no text",
        ),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A", "contracts": {}}]}',
            "customer 1, contracts: it has to be a list",
        ),
        (
            "c.json",
            '{"customers": [{"number": "1", "name": "A", "contracts": [{"number": "K"}]}]}',
            "customer 1, contract 1, plan",
        ),
    ],
)
def test_what_is_no_file_of_customers_is_told(tmp_path: Path, name: str, text: str, words: str) -> None:
    """With the place, where there is one."""
    assert words in faults(tmp_path, name, text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """In each form."""
    for name in ("c.csv", "c.toml"):
        with pytest.raises(BadInput):
            read_customers(tmp_path / name, PLANS)


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """Twenty are named, the rest is a number."""
    text = HEAD + ",x,,,,,,,,,,,\n" * 25
    got = faults(tmp_path, "c.csv", text).splitlines()
    assert len(got) == 22
    assert got[-1] == "and 5 more"


def test_single_fields_are_read_alike() -> None:
    """As they are given on a command line."""
    assert read("language", "Français") == "fr"
    assert read_contact("Ana Roy <ana@n.example> 555-1") == Contact(
        name="Ana Roy", email="ana@n.example", phone="555-1"
    )
    assert read_contact("Ana Roy") == Contact(name="Ana Roy")
    with pytest.raises(BadInput, match="starts on: 'soon' is no day"):
        read("starts_on", "soon")
    assert read("at", "2027-01-09T10:00") == datetime(2027, 1, 9, 10)
    with pytest.raises(BadInput, match="at: 'soon' is no time"):
        read("at", "soon")
    with pytest.raises(BadInput, match="end of its address"):
        read_contact("Ana <ana@n.example")
