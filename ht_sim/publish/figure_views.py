"""Each figure as its template is given it, and the files behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ht_sim.engine.store import Kept, Store
from ht_sim.experiments import Experiment
from ht_sim.figures import Control, Exhibit, Step
from ht_sim.project import Project
from ht_sim.publish import code_pages
from ht_sim.publish.assets import Assets
from ht_sim.publish.budgets import gzipped
from ht_sim.publish.code_pages import source_names
from ht_sim.publish.drawn import size
from ht_sim.publish.explorable import with_drawing, with_spoken
from ht_sim.publish.page_tables import tables
from ht_sim.publish.said import Said
from ht_sim.publish.state_words import address_of, columns, name_of
from ht_sim.publish.views import (
    ControlView,
    Download,
    FigureView,
    GifView,
    StepView,
    StillView,
    Width,
)
from ht_sim.results import Result


@dataclass(frozen=True)
class Words:
    """The caption of a figure and its steps, rendered for the page that shows it."""

    finding: Markup
    caption: Markup
    steps: Mapping[str, Markup]  # by their text


class FigureFiles:
    """Adds the files of figures to a site and makes the views of them."""

    def __init__(
        self,
        project: Project,
        exhibits: Mapping[str, Exhibit],
        results: Mapping[str, Result],
        drawn: Mapping[str, Kept],
        words: Mapping[str, Said],
        store: Store,
        assets: Assets,
        site_url: str | None,
    ) -> None:
        self.project, self.exhibits, self.results = project, exhibits, results
        self.drawn, self.said = drawn, words
        self.store, self.assets, self.site_url = store, assets, site_url
        self.files: dict[str, bytes] = {}
        self.weights: dict[str, int] = {}  # gzipped, by the slugs of figures

    def view(
        self, slug: str, words: Words, *, page: str, number: int, width: Width
    ) -> FigureView:
        """Return the view of a figure.

        The first of a page carries its drawing and its data; those of a later one come
        in a script when it is near. What has no controls needs no script.
        """
        exhibit, read = self.exhibits[slug], self._reader(slug)
        said, default = self.said[slug], exhibit.number_of(exhibit.default)
        data = read("changes.json").decode()
        changes = with_spoken(data, said.spoken, columns(exhibit, said.numbers))
        base, source = read("base.svg").decode(), None
        self.weights[slug] = gzipped((base + changes).encode())
        if number > 1 and exhibit.controls:
            base, changes = with_drawing(changes, base)
            source = self._data_script(slug, changes)
        return FigureView(
            slug=slug,
            number=number,
            width=width,
            base=Markup(base),
            finding=words.finding,
            caption=words.caption,
            alt=said.alt[default],
            spoken=said.spoken[default],
            changes=changes if exhibit.controls and not source else None,
            source=source,
            controls=[_control(one, exhibit) for one in exhibit.controls],
            steps=[_step(step, exhibit, words) for step in exhibit.steps],
            numbers=said.numbers[default] if said.numbers else (),
            numbers_at=name_of(exhibit, exhibit.default),
            stills=self._stills(slug, exhibit, said) if exhibit.controls else (),
            gif=self._gif(slug, said.alt[default]),
            downloads=self._downloads(slug, exhibit),
            code=code_pages.address(slug),
            code_names=source_names(self.project, exhibit),
            seeds=_seeds({n: self.results[n].experiment for n in exhibit.experiments}),
            command=f"python build.py --only {slug}",
            address=f"{self.site_url}{page}.html#{slug}" if self.site_url else None,
        )

    def _reader(self, slug: str) -> Callable[[str], bytes]:
        return lambda name: self.store.read(self.drawn[slug], name)

    def _data_script(self, slug: str, changes: str) -> str:
        text = f'holdingTogether.states["{slug}"] = {changes};\n'
        return self.assets.add(f"{slug}.js", text.encode())

    def _stills(self, slug: str, exhibit: Exhibit, said: Said) -> list[StillView]:
        read, stills = self._reader(slug), []
        for place, state in enumerate(exhibit.printed):
            light, dark = (read(f"{theme}-{place}.svg") for theme in ("light", "dark"))
            width, height = size(light)
            stills.append(
                StillView(
                    light=self.assets.add(f"{slug}-{place}-light.svg", light),
                    dark=self.assets.add(f"{slug}-{place}-dark.svg", dark),
                    label=name_of(exhibit, state),
                    alt=said.alt[exhibit.number_of(state)],
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


def _what(path: str) -> str:
    """Return what a download is called: its kind, or the name of its source."""
    kind = path.rpartition(".")[2]
    return path.removeprefix("files/") if kind == "py" else kind.upper()


def _control(control: Control, exhibit: Exhibit) -> ControlView:
    place = control.values.index(exhibit.default[control.name])
    return ControlView(
        control.kind,  # type: ignore[arg-type]
        control.name,
        control.label,
        control.unit,
        control.texts,
        place,
        control.values if control.name in exhibit.shares else (),
    )


def _step(step: Step, exhibit: Exhibit, words: Words) -> StepView:
    address = address_of(exhibit, step.state)
    return StepView(words.steps[step.text], address, step.state in exhibit.printed)


def _seeds(experiments: Mapping[str, Experiment]) -> str:
    return "; ".join(
        f"{slug}: seed {one.seed}, {one.repeats} repeats"
        for slug, one in experiments.items()
    )
