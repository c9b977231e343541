"""Where scenarios, packages, futures, histories and interventions lie, and how a name or path finds its file.

A user's own ``scenarios/`` in the working directory is laid out like the shipped one and is searched first: a name in
it takes the place of a shipped one.
"""

from __future__ import annotations

from pathlib import Path

from model.registry.data_folders import SCENARIOS
from model.registry.errors import Exit, UserError, nearest_names

SUBFOLDERS = {
    "scenario": "",
    "package": "packages",
    "future": "futures",
    "history": "history",
    "intervention": "interventions",
    "decision": "decisions",
}

OWN_FOLDER = "scenarios"
"""Folder of the user's own files, in the working directory."""


class Library:
    """Folders of scenario files, searched in order.

    Args:
        folders: roots, each with a folder for each kind inside; the user's own and the shipped one where left out.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = folders or default_folders()

    def files(self, subfolder: str) -> dict[str, Path]:
        """Return the YAML files of a subfolder by name; those of the first folder that has a name."""
        paths: dict[str, Path] = {}
        for folder in reversed(self.folders):
            paths |= {path.stem: path for path in (folder / subfolder).glob("*.yaml")}
        return dict(sorted(paths.items()))

    def names(self, kind: str) -> dict[str, Path]:
        """Return the files of a kind by name."""
        return self.files(SUBFOLDERS[kind])

    def is_own(self, path: Path) -> bool:
        """Return whether a file is the user's own: it lies in a folder that is searched before the shipped one."""
        return path.resolve().is_relative_to(self.folders[0].resolve()) and len(self.folders) > 1

    def shadowed_by(self, path: Path) -> Path | None:
        """Return the file of a later folder whose place a file takes; None where there is none."""
        for index, folder in enumerate(self.folders[:-1]):
            if path.resolve().is_relative_to(folder.resolve()):
                inside = path.resolve().relative_to(folder.resolve())
                later = (other / inside for other in self.folders[index + 1 :])
                return next((other for other in later if other.is_file()), None)
        return None

    def shown(self, path: Path) -> str:
        """Return a path as a user would write it: from the folder above a library where it lies inside, or its name."""
        full = path.resolve()
        for folder in self.folders:
            root = folder.resolve().parent
            if full.is_relative_to(root):
                return full.relative_to(root).as_posix()
        return path.name

    def is_package(self, path: Path) -> bool:
        """Return whether a file lies in a folder of packages, so that it builds on the baseline when run by itself."""
        return path.resolve().parent.name == SUBFOLDERS["package"]

    def find(
        self, name: str, kind: str, *, beside: Path | None = None, line: int | None = None, key: str | None = None
    ) -> Path:
        """Return the file of a name or path; a path is taken from the folder of the file that names it, then from here.

        Args:
            name: name or path as the user wrote it.
            kind: one of ``SUBFOLDERS``.
            beside: file that names it.
            line: line of that file, for the error.
            key: what the error shows; the name where left out.

        Raises:
            UserError: there is none, with the nearest names.
        """
        known = self.names(kind)
        if name in known:
            return known[name]
        nearby = beside.parent if beside else Path.cwd()
        within = [root for folder in self.folders for root in (folder, folder / SUBFOLDERS[kind])]
        for root in (nearby, Path.cwd(), *within):
            for path in (root / name, root / f"{name}.yaml"):
                if path.is_file():
                    return path
        packages = self.names("package") if kind == "scenario" else {}
        if name in packages:
            return packages[name]
        if (nearby / name).is_dir():
            message, nearest = f"is a folder; a {kind} is a file.", tuple[str, ...]()
        else:
            message = f"no {kind} of this name, and no such file."
            nearest = nearest_names(Path(name).stem, {**known, **packages})
        raise UserError(message, file=beside, line=line, key=key or name, nearest=nearest, code=Exit.MISSING_FILE)


def default_folders() -> tuple[Path, ...]:
    """Return the user's own folder, where the working directory has one, and the shipped one."""
    own = Path.cwd() / OWN_FOLDER
    return (own, SCENARIOS) if own.is_dir() and own.resolve() != SCENARIOS.resolve() else (SCENARIOS,)
