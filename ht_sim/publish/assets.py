"""The files that pages load: stylesheet, script, fonts, icon, named by content."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from ht_sim import colours
from ht_sim.engine.fingerprint import digest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STATIC = TEMPLATES / "static"


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

    def add_static(self) -> dict[str, str]:
        """Add everything in ``templates/static``; return paths by plain name."""
        paths = {
            path.name: self.add(path.name, path.read_bytes())
            for path in sorted((STATIC / "fonts").glob("*.woff2"))
        }
        for name in ("site.js", "search.js", "icon.svg"):
            paths[name] = self.add(name, (STATIC / name).read_bytes())
        paths["site.css"] = self.add("site.css", _stylesheet(paths).encode())
        return paths


def _stylesheet(paths: dict[str, str]) -> str:
    """Return the tokens and the stylesheet, its fonts by their published names."""
    css = (STATIC / "site.css").read_text(encoding="utf-8")

    def renamed(found: re.Match[str]) -> str:
        return f'url("{PurePosixPath(paths[found[1]]).name}")'

    css = re.sub(r'url\("fonts/([\w-]+\.woff2)"\)', renamed, css)
    return colours.css_tokens() + css
