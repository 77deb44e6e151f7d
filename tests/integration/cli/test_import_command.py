"""`hub tickets import`: counts, dry runs and what is reported."""

from __future__ import annotations

import os

EXPORT = """source_id,title,severity,status,customer,created_at,resolved_at,language
A-1,first,S3,open,Northwind,2024-01-05T10:00Z,,de
A-2,old,S2,resolved,Northwind,2024-01-05T10:00Z,2024-01-06T10:00Z,
A-1,second,S1,open,Northwind,2024-01-05T10:00Z,,en
1.23E+05,mangled,S3,open,Northwind,2024-01-05T10:00Z,,
"""
COUNTS = ("read", "added", "changed", "unchanged", "merged", "rejected")


def counts(result):
    assert result["read"] == sum(result[name] for name in COUNTS[1:])
    return [result[name] for name in COUNTS]


def test_counts_add_up_to_the_rows_read(hub, tmp_path):
    """Merged and rejected rows are counted too, a second import changes nothing, and warnings name the keys."""
    file = tmp_path / "e.csv"
    file.write_text(EXPORT)
    first = hub("tickets", "import", str(file), "--json", code=65).json
    assert counts(first) == [4, 2, 0, 0, 1, 1]
    assert first["merged_ids"] == ["A-1"]
    assert any("[language]" in text for text in first["warnings"])
    assert any("columns.source_id" in text for text in first["warnings"])
    assert counts(hub("tickets", "import", str(file), "--json", code=65).json) == [4, 0, 0, 2, 1, 1]
    shown = hub("tickets", "list", "--json").json["tickets"]
    assert {(ticket["title"], ticket["severity"]) for ticket in shown} == {("second", 1), ("old", 2)}


def test_changes_come_in_and_are_journalled(hub, tmp_path):
    """A changed row updates only its fields; an answer and a resolution count from their own time."""
    file = tmp_path / "e.csv"
    rows = "source_id,title,severity,status,created_at,answered_at,resolved_at,note\n"
    file.write_text(rows + "A-1,one,S3,open,2024-01-05T10:00Z,,,\nA-2,two,S3,open,2024-01-05T10:00Z,,,\n")
    hub("tickets", "import", str(file))
    file.write_text(
        rows + "A-1,uno,S3,resolved,2024-01-05T10:00Z,2024-01-05T11:00Z,2024-01-06T10:00Z,x\n"
        "A-2,two,S3,open,2024-01-05T10:00Z,,,\n"
    )
    assert counts(hub("tickets", "import", str(file), "--json").json) == [2, 0, 1, 1, 0, 0]
    (ticket,) = [each for each in hub("tickets", "list", "--json").json["tickets"] if each["title"] == "uno"]
    assert ticket["answered_at"].startswith("2024-01-05T11:00")
    assert (ticket["status"], ticket["fields"]) == ("resolved", {"note": "x"})
    moments = hub("timeline", ticket["number"], "--json").json["moments"]
    assert "2024-01-06T10:00" in str(moments)


def test_a_dry_run_stores_nothing_and_shows_the_first_rows(hub, tmp_path):
    """It counts the same, shows tickets as the hub understands them, and writes no reject file."""
    file = tmp_path / "e.csv"
    file.write_text(EXPORT)
    tried = hub("tickets", "import", str(file), "--dry-run", "--json", code=65).json
    assert counts(tried) == [4, 2, 0, 0, 1, 1]
    assert [row["title"] for row in tried["first_rows"]] == ["second", "old"]
    assert tried["first_rejected"][0]["line"] == 5
    text = hub("tickets", "import", str(file), "--dry-run", code=65).out
    assert "merged_ids" not in text
    assert "A-1" in text
    assert "rejected, line 5: source_id (columns.source_id) is '1.23E+05'" in text
    assert hub("tickets", "list", "--json").json["tickets"] == []
    assert [found.name for found in tmp_path.glob("*rejects*")] == []


def test_a_pipe_is_refused(hub, tmp_path):
    """The command ends at once instead of waiting for a writer."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "not a regular file" in hub("tickets", "import", str(pipe), code=None).err
