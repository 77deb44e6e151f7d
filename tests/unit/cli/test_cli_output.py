"""What the command line prints and logs: bounded, harmless to a terminal, and without secrets or texts."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import get_args

import pytest

from hub import errors
from hub.cli.operate.pull import exit_code
from hub.cli.shared import options, output
from hub.cli.shared.failures import report, safe_trace
from hub.cli.shared.logs import set_up_logging
from hub.cli.shared.text import clean
from hub.model import Severity, Visibility


def test_words_of_options_are_those_of_the_model():
    """Severities and visibilities can be chosen by all their names."""
    assert set(get_args(options.SeverityName)) == {one.name for one in Severity}
    assert set(get_args(options.VisibilityName)) == set(Visibility)


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x9b31m", "\rover", "\u202eevil", "a\x00b"])
def test_text_can_not_steer_a_terminal(text):
    """Control characters and turns of direction are shown as replacements, line breaks stay."""
    cleaned = clean(f"{text}\nnext\tcolumn")
    assert cleaned.endswith("\nnext\tcolumn")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", cleaned)
    assert "\N{REPLACEMENT CHARACTER}" in cleaned


def test_only_the_wide_column_is_shortened(capsys, monkeypatch):
    """A long title ends in an ellipsis at 80 columns; the number before it stays whole."""
    monkeypatch.setenv("COLUMNS", "80")
    output.print_table(("ticket", "title"), [("RJR-000001", "x" * 200), ("RJR-000002", "short")], wide="title")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(row.startswith("RJR-000001  xxx") and row.rstrip().endswith("…") for row in lines)


def test_a_paragraph_is_wrapped_between_words_and_cut_nowhere(capsys, monkeypatch):
    """Lines after the first are indented; a word that is longer than the line stays whole, so that it can be copied."""
    monkeypatch.setenv("COLUMNS", "20")
    output.print_paragraph(f"acme can: add_comment, open-case, {'x' * 30}\x1b[2J")
    shown = capsys.readouterr().out
    assert shown == f"acme can:\n  add_comment,\n  open-case,\n  {'x' * 30}\N{REPLACEMENT CHARACTER}[2J\n"


def test_exit_codes_follow_who_acts():
    """An error given as text has the exit code of its class; the first error counts."""
    assert exit_code(["", "LoginRefused: no", "RateLimited: wait"]) == errors.LoginRefused("x").exit_code
    assert exit_code(["", ""]) == 0


def test_open_questions_are_printed_with_their_choices(capsys):
    """An incomplete form prints each question, how to answer it, and the choices."""
    from hub.model import Question

    question = Question(name="impact", title="How bad?", choices=("high", "low"), help="of the service")
    error = errors.IntakeIncomplete("not yet", questions=(question,), next_step="answer")
    assert report(error, []) == 65
    printed = capsys.readouterr().err
    assert "--answer impact=...  How bad? [high | low]" in printed
    assert "of the service" in printed
    assert "the ticket's owner needs to act" in printed
    report(error, ["escalate", "--json"])
    assert json.loads(capsys.readouterr().err)["error"]["questions"] == ["impact"]


def test_json_after_the_double_dash_is_a_word(capsys):
    """What follows -- is no option."""
    report(errors.NotFound("nothing"), ["comment", "--", "--json"])
    assert capsys.readouterr().err.startswith("error: nothing")


def test_a_group_of_one_error_is_that_error(capsys):
    """An error that comes wrapped keeps its exit code."""
    assert report(ExceptionGroup("several", [errors.Conflict("twice")]), []) == 65
    assert "error: twice" in capsys.readouterr().err


def _raised(error):
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught


def test_a_trace_has_no_words_but_the_hubs():
    """Places and types of the whole chain are printed; the messages of other errors are not."""
    inner = _raised(ValueError("private text"))
    outer = errors.VendorMisbehaved("the answer is not JSON")
    outer.__cause__ = inner
    trace = safe_trace(outer)
    assert "ValueError" in trace
    assert "in _raised" in trace
    assert "the answer is not JSON" in trace
    assert "private text" not in trace


@pytest.fixture
def logged(monkeypatch):
    """Sets logging up, logs, and gives the lines."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()

    def lines(form, act, level="info"):
        monkeypatch.setattr(sys, "stderr", stream)
        set_up_logging(level, form)
        act(logging.getLogger("hub.test"))
        return stream.getvalue().splitlines()

    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_logs_are_one_redacted_object_a_line(logged):
    """Time, level, logger and event of each record; what looks like a credential is masked."""

    def act(log):
        log.warning("calling with %s", "Authorization: Bearer abcdefgh12345678")
        log.debug("too quiet")

    (line,) = logged("json", act)
    record = json.loads(line)
    assert (record["level"], record["logger"]) == ("warning", "hub.test")
    assert record["time"].endswith("+00:00")
    assert "abcdefgh12345678" not in line
    assert record["event"].startswith("calling with")


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_is_logged_by_its_places(logged, form):
    """A logged exception shows where it comes from, not what it says."""

    def act(log):
        try:
            raise RuntimeError("a customer's words")
        except RuntimeError:
            log.exception("something broke")

    text = "\n".join(logged(form, act))
    assert "something broke" in text
    assert "in act" in text
    assert "a customer's words" not in text


def test_libraries_are_heard_from_warnings_on(logged):
    """Even at debug level, a library's chatter stays out."""
    assert logged("text", lambda _: logging.getLogger("httpx").info("GET /secret"), "debug") == []
    assert logged("text", lambda _: logging.getLogger("httpx").warning("oh"), "debug")
