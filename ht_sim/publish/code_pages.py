"""The code behind each figure, on a page of its own that the figure links to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ht_sim.discovery import file_of, module_of
from ht_sim.engine.fingerprint import digest
from ht_sim.figures import Exhibit
from ht_sim.project import Project
from ht_sim.publish import views
from ht_sim.publish.site import Site


def source_names(project: Project, exhibit: Exhibit) -> list[str]:
    """Return the sources of the experiments a figure shows, then its own.

    Its words and its drawing may be in two files.
    """
    folder = project.experiments.replace(".", "/")
    names = [f"{folder}/{module_of(name)}.py" for name in exhibit.experiments]
    own = [file_of(one.__module__) for one in (exhibit.alt, exhibit.draw)]
    return [*names, *dict.fromkeys(own)]


def address(slug: str) -> str:
    """Return where the code of a figure is, below the site."""
    return f"code/{slug}.html"


def shown_on(site: Site, slug: str) -> str:
    """Return the first page that shows a figure."""
    return next(one.slug for one in site.pages.values() if slug in one.figures)


def depends(site: Site, slug: str) -> dict[str, Any]:
    """Return what the page of a figure's code depends on, beside what all pages do."""
    names = source_names(site.project, site.exhibits[slug])
    return {
        "figure": slug,
        "shown on": shown_on(site, slug),
        "files": {
            name: digest((site.project.root / name).read_bytes()) for name in names
        },
    }


def code_page(site: Site, slug: str) -> views.PageView:
    """Return the page of a figure's code: its experiments, then the figure."""
    sources = source_names(site.project, site.exhibits[slug])
    title, page = f"The code of {slug}", shown_on(site, slug)
    summary = f"What computes and draws a figure of “{site.pages[page].title}”."
    back = f'<p><a href="../{page}.html#{slug}">Back to the figure</a></p>'
    return views.PageView(
        slug=address(slug).removesuffix(".html"),
        href=address(slug),
        title=title,
        title_html=escape(title),
        number=None,
        label="code",
        summary=summary,
        description=summary,
        body=Markup(back + _listing(site.project, sources)),
        root="../",
    )


def _listing(project: Project, sources: Sequence[str]) -> str:
    """Return each source under its name, with classes for its colours."""
    formatter, lexer = HtmlFormatter(cssclass="highlight"), PythonLexer()
    parts = []
    for name in sources:
        text = (project.root / name).read_text(encoding="utf-8")
        listed = highlight(text, lexer, formatter).strip()
        parts.append(f"<h2>{escape(name)}</h2>\n{listed}")
    return "\n".join(parts)
