from __future__ import annotations

import pytest

from ht_sim.publish.apostrophes import with_apostrophes


@pytest.mark.parametrize(
    ("typed", "set_as"),
    [
        ("He's gain", "He’s gain"),
        ("the units' rates", "the units’ rates"),
        ("<em>He</em>'s", "<em>He</em>’s"),
        ("a title&#39;s", "a title’s"),
        ("it's a\nline, isn't it", "it’s a\nline, isn’t it"),
    ],
)
def test_the_apostrophes_of_words_are_set(typed: str, set_as: str) -> None:
    assert with_apostrophes(typed) == set_as


@pytest.mark.parametrize(
    "html",
    [
        "<code>it's</code>",
        "<pre><span>x'</span>\n<code>y['a']</code></pre>",
        '<script type="application/json">{"a": "it\'s", "b": "<i>x\'"}</script>',
        "<svg><text>He's</text></svg>",
        "<math><mi>f</mi><mo>'</mo></math>",
        '<p title="it\'s">x</p>',
        "feet (') alone",
    ],
)
def test_what_is_no_apostrophe_stays(html: str) -> None:
    assert with_apostrophes(html) == html


def test_text_behind_what_stays_is_set_again() -> None:
    html = "<code>a'b</code> it's <svg>x'</svg> she's"
    assert with_apostrophes(html) == "<code>a'b</code> it’s <svg>x'</svg> she’s"
