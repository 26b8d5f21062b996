from __future__ import annotations

import pytest

from ht_sim.publish.front_matter import FrontMatter, read_front_matter
from ht_sim.publish.source import source

GOOD = """---
title: "Dropout: silence at random"
order: 2
summary: >
  Nobody becomes
  indispensable.
able: [say what it does, "say: why"]
meets:
  - masked-network
---
Body
"""


def problems(text: str) -> list[str]:
    return [str(one) for one in read_front_matter(source("content/a.md", text))[2]]


def test_every_key_is_read() -> None:
    whole = source("content/a.md", GOOD)
    front, start, found = read_front_matter(whole)
    assert not found
    assert front == FrontMatter(
        title="Dropout: silence at random",
        order=2,
        summary="Nobody becomes indispensable.\n",
        able=("say what it does", "say: why"),
        meets=("masked-network",),
        template="page",
    )
    assert whole.text[start:] == "Body\n"
    assert whole.text[slice(*front.at["order"])] == "2"


def test_line_ends_and_byte_order_mark_change_nothing() -> None:
    odd = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert read_front_matter(source("a", odd)) == read_front_matter(source("a", GOOD))


REST = "order: 1\nsummary: s\n---\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Body",
            "1:1: a page starts with front matter; expected a line ---, YAML, a line "
            "---",
        ),
        (
            "---\ntitle: x\n",
            "1:1: a page starts with front matter; expected a line ---, YAML, a line "
            "---",
        ),
        ("---\ntitle: 7\n" + REST, "2:8: 'title' is of the wrong kind; expected text"),
        ("---\ntitle: ''\n" + REST, "2:8: 'title' is of the wrong kind; expected text"),
        ("---\n" + REST, "1:1: front matter without 'title'; expected text"),
        (
            "---\ntitle: x\norder: '1'\nsummary: s\n---\n",
            "3:8: 'order' is of the wrong kind; expected a whole number",
        ),
        (
            "---\ntitle: x\norder: true\nsummary: s\n---\n",
            "3:8: 'order' is of the wrong kind; expected a whole number",
        ),
        (
            "---\ntitle: x\ntilte: y\n" + REST,
            "3:1: unknown key 'tilte' (did you mean 'title'?); expected title, order, "
            "summary, able, meets, template",
        ),
        ("---\ntitle: x\ntitle: y\n" + REST, "3:1: the key 'title' stands twice"),
        (
            "---\ntitle: x\nable: text\n" + REST,
            "3:7: 'able' is of the wrong kind; expected a list of texts",
        ),
        (
            "---\ntitle: x\nable: [a, 2]\n" + REST,
            "3:11: 'able' holds something else; expected text",
        ),
        (
            "---\ntitle: x\ntemplate: pgae\n" + REST,
            "3:11: unknown template 'pgae' (did you mean 'page'?); expected page, "
            "home, references",
        ),
        (
            "---\n- title\n---\n",
            "2:1: front matter is not a list of keys; expected title: …",
        ),
        (
            "---\ntitle: 'x\n" + REST,
            "5:1: cannot read the YAML: found unexpected end of stream",
        ),
        (
            "---\ntitle: x: y\n" + REST,
            "2:9: cannot read the YAML: mapping values are not allowed here",
        ),
    ],
)
def test_messages_have_their_place(text: str, message: str) -> None:
    assert f"content/a.md:{message}" in problems(text)


def test_all_problems_are_told_at_once() -> None:
    assert len(problems("---\norder: x\nfoo: 1\n---\n")) == 4


def test_yaml_makes_no_objects() -> None:
    text = "---\ntitle: !!python/name:os.system\n" + REST
    assert problems(text) == [
        "content/a.md:2:8: 'title' is of the wrong kind; expected text"
    ]
