"""Facts about reading HTML as plain text: what a reader sees is kept, and the time is proportional to the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.markup.html import CUT, LONGEST, html_to_text

SHOWN = {
    # links
    'Get it <a href="https://v.example/hf-421.zip">here</a>.': "Get it here <https://v.example/hf-421.zip>.",
    '<a href="https://v.example/a">https://v.example/a</a>': "https://v.example/a",
    '<a href="mailto:ann@v.example">ann@v.example</a>': "ann@v.example",
    '<a href="https://v.example/"></a>': "<https://v.example/>",
    '<a href="javascript:alert(1)">click</a> <a href="#top">up</a>': "click up",
    '<a href="/kb/7">seven</a>': "seven <https://v.example/kb/7>",
    # code
    "<pre>stop\n  wait 5\n\tstart</pre>done": "stop\n  wait 5\n\tstart\n\ndone",
    "<pre>a\n\nb</pre>": "a\n\nb",
    "<script><hr></script><style></style><template><img><q>x</q></template>": "",
    "<p>Run <code>a  b</code></p>": "Run a b",
    # lists
    "<ol><li>stop<li>wait<ul><li>a<li>b</ul><li>start</ol>": "1. stop\n2. wait\n  - a\n  - b\n3. start",
    '<ol start="4"><li>four<li value="9">nine<li>ten</ol>': "4. four\n9. nine\n10. ten",
    "<dl><dt>Port</dt><dd>8443</dd></dl>": "Port\n  8443",
    # tables
    "<table><tr><th>Host</th><td>10.0.0.1</td></tr><tr><td>Port</td><td>80</td></tr></table>": "Host | 10.0.0.1\nPort | 80",
    # blocks and marks
    "a<hr>b": "a\n\n---\n\nb",
    "<h5>Cause</h5>text<section>more</section>end": "Cause\n\ntext\nmore\nend",
    "<p>one</p><p>two</p>": "one\n\ntwo",
    "<div>a<br>b<br><br>c</div>": "a\nb\n\nc",
    "use <del>4.1</del> <s>4.2</s> 4.3": "use ~~4.1~~ ~~4.2~~ 4.3",
    "<blockquote>first<br>second</blockquote>mine": "> first\n> second\n\nmine",
    "<q>yes</q> he said": '"yes" he said',
    # pictures
    '<img src="cid:1" alt="the dialog"> as shown': "[image: the dialog] as shown",
    '<img src="https://v.example/a.png">': "[image] <https://v.example/a.png>",
    '<img src="https://v.example/pixel" width="1" height="1">seen': "seen",
    # forms and films
    '<input type="checkbox" checked>done <input type="checkbox">open <input name="x">': "[x] done [ ] open",
    '<video src="/clip.mp4"></video>': "<https://v.example/clip.mp4>",
    # what is not shown
    "<p hidden>a<b>c</b></i></p>text": "text",
    "<style><a>x</style>y": "y",
    "<head><title>t</title><style>p{}</style></head><script>x()</script><p>text</p>": "text",
    '<div style="display:none">preview <img alt=x></div><p>text</p>': "text",
    # broken HTML
    "<td>a<td>b</tr></ul></blockquote></a>c": "abc",
    "<li>a<dd>b": "- a\n  b",
    '<a href="http://[bad/">x</a>': "x",
    "<svg><s>a</svg></s>b": "~~a~~b",
    "<html><head><p>the head was never closed": "the head was never closed",
    "1 &lt; 2 &amp; 3 < 4": "1 < 2 & 3 < 4",
    "x<span>y</span> <i>z</i>\n w": "xy z w",
    "A\0B \ud800": "A\ufffdB \ufffd",
    "<!-- nothing -->": "",
    "": "",
}


@pytest.mark.parametrize("html", SHOWN)
def test_a_reader_finds_all_that_is_shown(html: str) -> None:
    """Links, lists, tables, quotes, code and pictures come out as text that says the same."""
    assert html_to_text(html, "https://v.example/") == SHOWN[html]


@given(st.lists(st.text("abc<>&'\" \n\t/=!-", max_size=8) | st.sampled_from(["<p>", "</p>", "<b", "<!--", "<td>"])))
def test_any_text_is_read(pieces: list[str]) -> None:
    """Nothing that looks like HTML, or does not, breaks the reader."""
    assert isinstance(html_to_text("".join(pieces)), str)


WORD = st.text("abcdefghij", min_size=3, max_size=9)


@given(st.recursive(WORD, lambda inner: st.tuples(st.sampled_from(["p", "li", "td", "b", "h2", "a"]), st.lists(inner))))
def test_every_word_arrives_once_and_in_order(tree: object) -> None:
    """Words in nested elements keep their number and their order, and block elements keep them apart."""

    def written(node: object) -> tuple[str, list[str]]:
        if isinstance(node, str):
            return f" {node} ", [node]
        assert isinstance(node, tuple)
        tag, inner = node
        parts = [written(child) for child in inner]
        return f"<{tag}>{''.join(html for html, _ in parts)}</{tag}>", [word for _, words in parts for word in words]

    html, words = written(tree)
    assert [word for word in html_to_text(html).split() if word not in {"-", "|"}] == words


HOSTILE = {
    "attribute": '<a b="',
    "comment": "<!--",
    "nesting": "<div>",
    "quotes": "<blockquote>",
    "lists": "<ul><li>",
    "formatting": "<b><i>",
    "tables": "<table><tr><td>",
    "closing": "</div>",
    "links": "<a href=x>y",
    "hidden": "<p hidden>",
    "entities": "&amp",
    "angles": "<",
    "breaks": "<br>",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_size_alone(kind: str) -> None:
    """Four times as much of anything takes about four times as long, not sixteen times."""

    def cost(size: int) -> float:
        html = HOSTILE[kind] * (size // len(HOSTILE[kind]))
        took = []
        for _ in range(3):
            began = time.process_time()
            html_to_text(html)
            took.append(time.process_time() - began)
        return min(took)

    assert cost(200_000) < 8 * cost(50_000) + 0.02


def test_what_is_too_long_is_cut_and_says_so() -> None:
    """HTML beyond the limit is read up to it, and the text ends with a word about it."""
    assert html_to_text("<p>" + "x " * LONGEST).endswith(CUT)
