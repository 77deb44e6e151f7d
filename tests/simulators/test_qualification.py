"""The qualification language: what it means, and what it refuses with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.simulators.arsystem.enums import enums
from hub.simulators.arsystem.errors import ArError
from hub.simulators.arsystem.evaluate import select
from hub.simulators.arsystem.forms import FORMS, INTERFACE
from hub.simulators.arsystem.qualification import (
    And,
    Compare,
    FieldName,
    Keyword,
    Node,
    Not,
    Number,
    Or,
    QualificationError,
    Text,
    parse,
)

A = Compare(FieldName("A"), "=", Number(1))
B = Compare(FieldName("B"), "=", Number(2))
C = Compare(FieldName("C"), "=", Number(3))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("'A' = 1", A),
        ("  'A'=1  ", A),
        ("('A' = 1)", A),
        ("'A' = 1 AND 'B' = 2 OR 'C' = 3", Or((And((A, B)), C))),
        ("'A' = 1 OR 'B' = 2 AND 'C' = 3", Or((A, And((B, C))))),
        ("('A' = 1 OR 'B' = 2) AND 'C' = 3", And((Or((A, B)), C))),
        ("NOT 'A' = 1 AND 'B' = 2", And((Not(A), B))),
        ("not ('A' = 1 and 'B' = 2)", Not(And((A, B)))),
        ("'302312185' = 700", Compare(FieldName("302312185"), "=", Number(700))),
        ('\'X\' = "say ""hi"""', Compare(FieldName("X"), "=", Text('say "hi"'))),
        ("'it''s' != \"\"", Compare(FieldName("it's"), "!=", Text(""))),
        ("'X' LIKE \"%vpn_\"", Compare(FieldName("X"), "LIKE", Text("%vpn_"))),
        ("'X' like \"a\"", Compare(FieldName("X"), "LIKE", Text("a"))),
        ("'X' = $NULL$", Compare(FieldName("X"), "=", Keyword("NULL"))),
        ("'X' >= $timestamp$", Compare(FieldName("X"), ">=", Keyword("TIMESTAMP"))),
        ("'X' > 'Y'", Compare(FieldName("X"), ">", FieldName("Y"))),
        ("'X' < -2.5", Compare(FieldName("X"), "<", Number(-2.5))),
        ("'A' = 1AND 'B' = 2", None),
    ],
)
def test_a_qualification_means_one_tree(source: str, tree: Node | None) -> None:
    """AND binds closer than OR, NOT closest; a doubled quote is a literal quote."""
    if tree is None:
        with pytest.raises(QualificationError):
            parse(source)
    else:
        assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("'A'", "expected an operator (=, !=, <, <=, >, >=, LIKE), found end of the qualification at position 4"),
        ("'A' = ", "found end of the qualification"),
        ("'A' = \"x", "quote without its end at position 7"),
        ("'A = 1", "quote without its end at position 1"),
        ("'' = 1", "expected a field in single quotes"),
        ("A = 1", "found 'A' at position 1"),
        ('"A" = 1', "expected a field in single quotes, found '\"A\"' at position 1"),
        ("'A' = 1 'B' = 2", "expected AND, OR or the end, found \"'B'\" at position 9"),
        ("('A' = 1", "expected a closing parenthesis, found end of the qualification at position 9"),
        ("'A' = 1)", "expected AND, OR or the end, found ')' at position 8"),
        ("'A' IN (1, 2)", "unexpected ',' at position 10"),
        ("'A' IN (1)", "expected an operator (=, !=, <, <=, >, >=, LIKE), found 'IN' at position 5"),
        ("'A' == 1", "found '=' at position 6"),
        ("'A' = 1 AND", "found end of the qualification at position 12"),
        ("'A' = $USER$", "found '$USER$' at position 7"),
        ("'A' = 1; DROP", "unexpected ';' at position 8"),
        ("NOT " * 200 + "'A' = 1", "nested more than 100 deep"),
        ("(" * 200 + "'A' = 1" + ")" * 200, "nested more than 100 deep"),
    ],
)
def test_a_bad_qualification_is_refused_with_the_place(source: str, says: str) -> None:
    """The refusal names what was found, where, and what could have stood there."""
    with pytest.raises(QualificationError) as caught:
        parse(source)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ("'Status' = \"Resolved\"", True),
        ("'Status' = 4", True),
        ("'Status' < 5 AND 'Status' > 3", True),
        ("'Status' < \"Resolved\"", False),
        ("'Status' >= \"Pending\"", True),
        ("'7' = 4", True),
        ("'Description' LIKE \"%[RJR-1]%\"", True),
        ("'Description' LIKE \"RJR\"", False),
        ("'Description' LIKE \"_heckout%\"", True),
        ("'Description' LIKE \"CHECKOUT%\"", False),
        ("'Last Modified Date' >= \"1760600000\"", True),
        ("'Last Modified Date' > \"1760600000\"", False),
        ("'Last Modified Date' <= $TIMESTAMP$", True),
        ("'Last Modified Date' > 'Submit Date'", True),
        ("'Resolution' = $NULL$", True),
        ("'Resolution' != $NULL$", False),
        ("'Resolution' = \"x\"", False),
        ("NOT 'Resolution' = \"x\"", False),
        ("'Resolution' = \"x\" OR 'Status' = 4", True),
        ("NOT ('Resolution' = \"x\" AND 'Status' = 3)", True),
        ("", True),
    ],
)
def test_a_qualification_selects_rows(source: str, matches: bool) -> None:
    """Enumerations compare by number, dates by epoch seconds, unset values match neither a test nor its NOT."""
    row = {
        "Status": 4,
        "Description": "Checkout down [RJR-1]",
        "Submit Date": 1_760_500_000,
        "Last Modified Date": 1_760_600_000,
        "Resolution": None,
    }
    test = select(source, FORMS[INTERFACE], enums({}), 1_760_700_000).test
    assert (test is None or test(row) is True) is matches


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("'First_Name' = \"RjR\"", "HPD:IncidentInterface, First_Name"),
        ("'status' = 4", "HPD:IncidentInterface, status"),
        ("'999999' = 4", "HPD:IncidentInterface, 999999"),
        ("'Status' = \"Fixed\"", "Status, Fixed"),
        ("'Last Modified Date' >= \"10/16/2025 09:12:00\"", "Last Modified Date, 10/16/2025 09:12:00"),
        ("'Last Modified Date' >= \"2025-10-16T08:51:45.000+0000\"", "Last Modified Date"),
        ("'Status' LIKE \"Res%\"", "Status"),
        ("'z1D_Details' = \"x\"", "z1D_Details"),
        ("'Status' > $NULL$", "Status"),
        ("'Description' = $TIMESTAMP$", "Description"),
        ("'Status' = 'Impact'", "Impact"),
        ("'Status'", "expected an operator"),
    ],
)
def test_a_qualification_that_does_not_fit_the_form_is_a_400(source: str, says: str) -> None:
    """Unknown names, labels and date formats are refused, never taken for no match."""
    with pytest.raises(ArError) as caught:
        select(source, FORMS[INTERFACE], enums({}), 0)
    assert caught.value.status == 400
    assert says in str(caught.value.message.message_appended_text)


_COMPARISONS = st.builds(
    Compare,
    st.builds(FieldName, st.text(min_size=1, max_size=8)),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"]),
    st.one_of(
        st.builds(Text, st.text(max_size=12)),
        st.builds(Number, st.integers()),
        st.builds(FieldName, st.text(min_size=1, max_size=8)),
        st.sampled_from([Keyword("NULL"), Keyword("TIMESTAMP")]),
    ),
)
_TREES = st.recursive(
    _COMPARISONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def _written(node: Node) -> str:
    match node:
        case Not(term):
            return f"NOT ({_written(term)})"
        case And(terms):
            return " AND ".join(f"({_written(term)})" for term in terms)
        case Or(terms):
            return "OR".join(f"({_written(term)})" for term in terms)
        case Compare(field, operator, value):
            return f"{_operand(field)} {operator} {_operand(value)}"


def _operand(value: FieldName | Text | Number | Keyword) -> str:
    match value:
        case FieldName(name):
            return "'" + name.replace("'", "''") + "'"
        case Text(text):
            return '"' + text.replace('"', '""') + '"'
        case Number(number):
            return str(number)
        case Keyword(name):
            return f"${name}$"


@given(_TREES)
def test_what_is_written_is_read_back(tree: Node) -> None:
    """Every tree, written out with any names and texts, is read back as the same tree."""
    assert parse(_written(tree)) == tree


@given(st.text(alphabet="'\"AB1=<>!$()% \nNOTRDULIKE", max_size=40))
def test_any_text_is_read_or_refused(source: str) -> None:
    """No text makes the reader fail in any other way than by its own refusal, which names a place."""
    refusal = ""
    try:
        parse(source)
    except QualificationError as error:
        refusal = str(error)
    assert not refusal or "at position" in refusal
