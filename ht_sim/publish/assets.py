"""The files that pages load: stylesheet, script, fonts, icon, named by content."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path, PurePosixPath

from ht_sim import colours
from ht_sim.engine.fingerprint import digest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STATIC = TEMPLATES / "static"
FIRST_SCREEN = ("serif-display", "serif-regular", "sans-regular", "sans-semibold")
"""The typefaces that every page begins with: they come in the stylesheet."""


class Assets:
    """Collects files under names that change with their bytes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, name: str, data: bytes) -> str:
        """Keep a file and return its path below the site."""
        plain = PurePosixPath(name)
        path = f"assets/{plain.stem}-{digest(data)[:10]}{plain.suffix}"
        self.files[path] = data
        return path

    def add_static(self, site_url: str | None = None) -> dict[str, str]:
        """Add everything in ``templates/static``; return paths by plain name.

        Where the site's address is known, every printed sheet says it at its foot.
        """
        paths = {
            path.name: self.add(path.name, path.read_bytes())
            for path in sorted((STATIC / "fonts").glob("*.woff2"))
            if path.stem not in FIRST_SCREEN
        }
        for name in ("site.js", "search.js", "icon.svg"):
            paths[name] = self.add(name, (STATIC / name).read_bytes())
        styles = colours.css_tokens() + _stylesheet("site.css", paths) + _foot(site_url)
        paths["site.css"] = self.add("site.css", styles.encode())
        paths["typefaces.css"] = self.add(
            "typefaces.css", _stylesheet("typefaces.css", paths).encode()
        )
        return paths


def _foot(site_url: str | None) -> str:
    if site_url is None:
        return ""
    says = f'padding-left: 5mm; content: "The figures move at {site_url}"'
    return f"@page {{ @bottom-left {{ {says}; font: 8.5pt sans-serif; }} }}\n"


def _stylesheet(name: str, paths: dict[str, str]) -> str:
    """Return a stylesheet, its fonts in it or by their published names."""
    css = (STATIC / name).read_text(encoding="utf-8")

    def address(found: re.Match[str]) -> str:
        name = found[1]
        if name in paths:
            return f'url("{PurePosixPath(paths[name]).name}")'
        data = b64encode((STATIC / "fonts" / name).read_bytes()).decode()
        return f'url("data:font/woff2;base64,{data}")'

    return re.sub(r'url\("fonts/([\w-]+\.woff2)"\)', address, css)
