"""Each figure as its template is given it, and the files behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ht_sim.discovery import file_of, module_of
from ht_sim.engine.store import Kept, Store
from ht_sim.experiments import Arrays, Experiment
from ht_sim.figures import Control, Exhibit, State
from ht_sim.project import Project
from ht_sim.publish.assets import Assets
from ht_sim.publish.drawn import size
from ht_sim.publish.explorable import with_spoken
from ht_sim.publish.page_tables import tables
from ht_sim.publish.views import (
    ControlView,
    Download,
    FigureView,
    GifView,
    StillView,
    Width,
)
from ht_sim.results import Result


@dataclass(frozen=True)
class Words:
    """The caption of a figure, rendered for the page that shows it."""

    finding: Markup
    caption: Markup


class FigureFiles:
    """Adds the files of figures to a site and makes the views of them."""

    def __init__(
        self,
        project: Project,
        exhibits: Mapping[str, Exhibit],
        results: Mapping[str, Result],
        drawn: Mapping[str, Kept],
        store: Store,
        assets: Assets,
        site_url: str | None,
    ) -> None:
        self.project, self.exhibits, self.results = project, exhibits, results
        self.drawn, self.store, self.assets = drawn, store, assets
        self.site_url = site_url
        self.files: dict[str, bytes] = {}

    def view(
        self, slug: str, words: Words, *, page: str, number: int, width: Width
    ) -> FigureView:
        """Return the view of a figure; the first of a page carries its own data."""
        exhibit, read = self.exhibits[slug], self._reader(slug)
        results = {name: self.results[name].arrays for name in exhibit.experiments}
        data = read("changes.json").decode()
        changes = with_spoken(
            data, [exhibit.spoken(results, state) for state in exhibit.states()]
        )
        inline = number == 1 or not exhibit.controls
        return FigureView(
            slug=slug,
            number=number,
            width=width,
            base=Markup(read("base.svg").decode()),
            finding=words.finding,
            caption=words.caption,
            alt=exhibit.alt(results, exhibit.default),
            spoken=exhibit.spoken(results, exhibit.default),
            changes=changes if inline and exhibit.controls else None,
            source=None if inline else self._data_script(slug, changes),
            controls=[_control(one, exhibit.default) for one in exhibit.controls],
            stills=self._stills(slug, exhibit, results) if exhibit.controls else (),
            gif=self._gif(slug, exhibit.alt(results, exhibit.default)),
            downloads=self._downloads(slug, exhibit),
            code=self._code(exhibit),
            code_name=", ".join(source_names(self.project, exhibit)),
            seeds=_seeds({n: self.results[n].experiment for n in exhibit.experiments}),
            command=f"python build.py --only {slug}",
            address=f"{self.site_url}{page}.html#{slug}" if self.site_url else None,
        )

    def _reader(self, slug: str) -> Callable[[str], bytes]:
        return lambda name: self.store.read(self.drawn[slug], name)

    def _data_script(self, slug: str, changes: str) -> str:
        text = f'holdingTogether.states["{slug}"] = {changes};\n'
        return self.assets.add(f"{slug}.js", text.encode())

    def _stills(
        self, slug: str, exhibit: Exhibit, results: Mapping[str, Arrays]
    ) -> list[StillView]:
        read, stills = self._reader(slug), []
        for place, state in enumerate(exhibit.printed):
            light, dark = (read(f"{theme}-{place}.svg") for theme in ("light", "dark"))
            width, height = size(light)
            stills.append(
                StillView(
                    light=self.assets.add(f"{slug}-{place}-light.svg", light),
                    dark=self.assets.add(f"{slug}-{place}-dark.svg", dark),
                    label=_label(exhibit, state),
                    alt=exhibit.alt(results, state),
                    width=width,
                    height=height,
                )
            )
        return stills

    def _gif(self, slug: str, alt: str) -> GifView | None:
        kept = self.drawn[slug]
        if "sweep.gif" not in kept.files:
            return None
        width, height = size(self.store.read(kept, "default.svg"))
        return GifView(f"files/{slug}.gif", f"files/{slug}.png", width, height, alt)

    def _downloads(self, slug: str, exhibit: Exhibit) -> list[Download]:
        kept = self.drawn[slug]
        named = {
            f"files/{slug}.svg": "default.svg",
            f"files/{slug}.png": "default.png",
            f"files/{slug}.gif": "sweep.gif",
        }
        found = {
            path: self.store.read(kept, name)
            for path, name in named.items()
            if name in kept.files
        }
        for name in exhibit.experiments:
            made = tables(name, self.results[name], self.store)
            found |= {f"files/{file}": data for file, data in made.items()}
        for path in source_names(self.project, exhibit):
            name = path.replace("/", "-")
            found[f"files/{name}"] = (self.project.root / path).read_bytes()
        self.files |= found
        return [Download(_what(path), path, len(found[path])) for path in found]

    def _code(self, exhibit: Exhibit) -> Markup:
        """Return the source of the first experiment, which is where the science is."""
        path = self.project.root / source_names(self.project, exhibit)[0]
        formatter = HtmlFormatter(cssclass="highlight")
        text = path.read_text(encoding="utf-8")
        return Markup(highlight(text, PythonLexer(), formatter).strip())


def source_names(project: Project, exhibit: Exhibit) -> list[str]:
    """Return the sources of the experiments a figure shows, then its own."""
    folder = project.experiments.replace(".", "/")
    names = [f"{folder}/{module_of(name)}.py" for name in exhibit.experiments]
    return [*names, file_of(exhibit.draw.__module__)]


def _what(path: str) -> str:
    """Return what a download is called: its kind, or the name of its source."""
    kind = path.rpartition(".")[2]
    return path.removeprefix("files/") if kind == "py" else kind.upper()


def _control(control: Control, default: State) -> ControlView:
    place = control.values.index(default[control.name])
    return ControlView(
        control.kind,  # type: ignore[arg-type]
        control.name,
        control.label,
        control.unit,
        control.texts,
        place,
    )


def _label(exhibit: Exhibit, state: State) -> str:
    """Name a state by all its controls: "drop rate 0.30, pass 3"."""
    parts = []
    for control in exhibit.controls:
        text = control.texts[control.values.index(state[control.name])]
        name = {"slider": f"{control.label} ", "button": f"{control.name} "}
        parts.append(name.get(control.kind, "") + text)
    return ", ".join(parts)


def _seeds(experiments: Mapping[str, Experiment]) -> str:
    return "; ".join(
        f"{slug}: seed {one.seed}, {one.repeats} repeats"
        for slug, one in experiments.items()
    )
