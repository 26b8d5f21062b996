"""The answers of a page, gathered for its end on paper."""

from __future__ import annotations

import re

QUESTION = '<aside class="box predict">'
ANSWER = '<details class="box answer"><summary>The answer</summary>'
_WHOLE = re.compile(f"{ANSWER}((?:(?!<details).)*?)</details>", re.DOTALL)
_ID = re.compile(' id="[^"]*"')


def gathered(html: str) -> str:
    """Return the answers in a page's HTML once more, or nothing if it has none.

    Each has the number of the question before it. An answer that holds a figure is
    left out: it stays in its place on paper too.
    """
    answers = [
        f'<li value="{html.count(QUESTION, 0, one.start())}">{_ID.sub("", one[1])}</li>'
        for one in _WHOLE.finditer(html)
    ]
    if not answers:
        return ""
    listed = "\n".join(["<h2>Answers</h2>", "<ol>", *answers, "</ol>"])
    return f'\n<section class="answers">\n{listed}\n</section>'
