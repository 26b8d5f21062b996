from __future__ import annotations

from ht_sim.publish.page_frame import reading_minutes
from ht_sim.publish.prose import read_text


def test_words_are_counted_and_nothing_else() -> None:
    words = "word " * 440
    assert reading_minutes(read_text("a.md", "a", words)[0]) == 2
    apart = "{fact}`one.two:.2f` $$x + y$$\n\n```python\nmany = words\n```\n" * 200
    assert reading_minutes(read_text("a.md", "a", apart + words)[0]) == 2


def test_the_shortest_page_takes_a_minute() -> None:
    assert reading_minutes(read_text("a.md", "a", "One.")[0]) == 1
