"""The templates of pages, and errors in them told at their place."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from markupsafe import Markup

from ht_sim.problems import Problem, Refused
from ht_sim.publish import views
from ht_sim.publish.apostrophes import with_apostrophes
from ht_sim.publish.assets import TEMPLATES

_FIGURE = '{% from "_figure.html" import figure %}{{ figure(view) }}'


class Templates:
    """Sets views in templates; ``problems`` gathers what is wrong with these.

    Its methods raise Refused for an error in a template.
    """

    def __init__(self, site: views.SiteView) -> None:
        self.site = site
        self.problems: list[Problem] = []
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, page: views.PageView) -> bytes:
        """Return a page's HTML."""
        with self._at_fault(template):
            found = self.environment.get_template(template)
            html = found.render(site=self.site, page=page)
            return with_apostrophes(html).encode()

    def figure(self, view: views.FigureView) -> Markup:
        """Return a figure's HTML."""
        with self._at_fault("_figure.html"):
            return Markup(self.environment.from_string(_FIGURE).render(view=view))

    @contextmanager
    def _at_fault(self, template: str) -> Iterator[None]:
        try:
            yield
        except TemplateError as error:
            problem = template_problem(error, template)
            self.problems.append(problem)
            raise Refused(str(problem)) from None


def template_problem(error: TemplateError, template: str) -> Problem:
    """Return what is wrong in a template, with the file and the line in it.

    A syntax error knows its place. Other errors have it in the frames that Jinja
    writes into their traceback; without one, ``template`` was asked for by code.
    """
    if isinstance(error, TemplateSyntaxError):
        name, line = error.name or template, error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        inside = [one for one in frames if Path(one.filename).parent == TEMPLATES]
        name = Path(inside[-1].filename).name if inside else template
        line = (inside[-1].lineno or 1) if inside else 1
    what = (error.message or str(error)).splitlines()[0]
    if isinstance(error, TemplateNotFound):
        what = f"no template is called {error.name!r}"
    return Problem(f"{TEMPLATES.name}/{name}", line, 1, what)
