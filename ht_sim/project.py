"""Where a project's parts lie; a leaf of the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The folders of a site and the packages of its experiments and figures."""

    root: Path
    package: str = "ht_sim"

    @property
    def content(self) -> Path:
        """The pages, the references and the data."""
        return self.root / "content"

    @property
    def cache(self) -> Path:
        """Everything that may be deleted at any time."""
        return self.root / ".cache"

    @property
    def experiments(self) -> str:
        """The package that holds one experiment a module."""
        return f"{self.package}.experiments"

    @property
    def figures(self) -> str:
        """The package that holds one exhibit a module."""
        return f"{self.package}.figures"

    def label(self, path: Path) -> str:
        """Return a path as messages name it: relative, with forward slashes."""
        return path.relative_to(self.root).as_posix()
