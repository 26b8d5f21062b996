"""Errors in templates, told at their place."""

from __future__ import annotations

import traceback
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from ht_sim.problems import Problem
from ht_sim.publish.assets import TEMPLATES


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
