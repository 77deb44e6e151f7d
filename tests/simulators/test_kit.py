"""The parts that every simulated vendor is built from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.simulators.kit import Clock, FaultKind, FaultRule, Faults, Table, split_multipart


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=30), st.data())
def test_indexes_agree_with_a_scan(rows: list[tuple[str, int, bool]], data: st.DataObject) -> None:
    """After any adding, changing and removing, equality and range lookups find what a scan finds."""
    table = Table(("name",), ("at",))
    for number, (name, at, _) in enumerate(rows):
        table.add(str(number), {"name": name, "at": at})
    for number, (_, _, keep) in enumerate(rows):
        row = table.rows[str(number)]
        if keep:
            new = {"at": data.draw(st.one_of(st.none(), st.integers(0, 5))), "name": data.draw(st.sampled_from("abc"))}
            table.change(row, new)
        else:
            table.remove(row)
    low, high = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5))
    between = list(table.between("at", *table.bounds("at", low, high)))
    scan = [r for r in table if r.values["at"] is not None and low <= r.values["at"] <= high]
    assert between == sorted(scan, key=lambda r: (r.values["at"], r.number))
    for name in "abc":
        assert {r.key for r in table.where("name", name)} == {r.key for r in table if r.values["name"] == name}


def test_a_rule_strikes_the_nth_matching_call_only() -> None:
    """`nth` counts matching calls alone and strikes once."""
    faults = Faults()
    rule = faults.add("http_500", operation="create", nth=2)
    struck = [bool(faults.pick(kind, "POST", ["x"])) for kind in ("create", "query", "create", "create")]
    assert struck == [False, False, True, False]
    assert (rule.seen, rule.injected, faults.injected["http_500"]) == (3, 1, 1)


def test_a_rule_strikes_at_most_its_times() -> None:
    """`times` bounds the strikes of a rule that otherwise always strikes."""
    faults = Faults()
    faults.add(FaultRule(kind="lost_reply", method="POST", path="/api/*/HPD:Help Desk", times=2))
    path = ["api", "entry", "HPD:Help Desk"]
    assert [len(faults.pick("create", "POST", path)) for _ in range(3)] == [1, 1, 0]
    assert not faults.pick("create", "PUT", path)


def test_a_share_is_the_same_for_the_same_seed() -> None:
    """A seeded share strikes the same calls in every run, and others with another seed."""

    def struck(seed: int) -> list[bool]:
        faults = Faults(seed=seed)
        faults.add("http_503", share=0.3)
        return [bool(faults.pick("read", "GET", [])) for _ in range(200)]

    assert struck(7) == struck(7) != struck(8)
    assert 30 < sum(struck(7)) < 90


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    """A misspelt kind does not stay silent."""
    with pytest.raises(ValueError, match=r"unknown fault 'lost_repy'; choose one of .*lost_reply.*mine"):
        Faults((FaultKind("mine", "vendor", "x"),)).add("lost_repy")


def test_the_clock_shifts_and_stops() -> None:
    """A stopped clock does not advance, and a shift may be negative."""
    clock = Clock()
    clock.stop(1000.0)
    clock.shift(-600)
    assert (clock.now(), clock.now()) == (400.0, 400.0)
    clock.reset()
    assert clock.now() > 1_700_000_000


@given(st.binary(max_size=200))
def test_multipart_keeps_bytes(data: bytes) -> None:
    """A file's bytes come out as they went in, line ends and dashes included."""
    framed = data.replace(b"--b1", b"")
    body = b'--b1\r\nContent-Disposition: form-data; name="f"; filename="a %22b%22.bin"\r\n'
    body += b"Content-Type: image/png\r\n\r\n" + framed + b"\r\n--b1--\r\n"
    (part,) = split_multipart(body, "multipart/form-data; boundary=b1")
    assert (part.name, part.filename, part.content_type, part.data) == ("f", 'a "b".bin', "image/png", framed)


@pytest.mark.parametrize(
    ("body", "media", "says"),
    [
        (b"", "multipart/form-data", "boundary"),
        (b"--b1\r\n\r\nx\r\n", "multipart/form-data; boundary=b1", "not closed"),
        (
            b'--b1\r\nContent-Disposition: form-data; name="f"\r\n--b1--',
            "multipart/form-data; boundary=b1",
            "empty line",
        ),
        (b"--b1\r\nX: y\r\n\r\nz\r\n--b1--", "multipart/form-data; boundary=b1", "without a name"),
    ],
)
def test_broken_multipart_is_refused(body: bytes, media: str, says: str) -> None:
    """A body that is not framed as promised is an error that names the fault."""
    with pytest.raises(ValueError, match=says):
        split_multipart(body, media)
