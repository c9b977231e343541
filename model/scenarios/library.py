"""Where scenarios, packages, futures, histories and interventions lie, and how a name or path finds its file."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Library:
    """The folder of shipped scenario files.

    Attributes:
        folder: root, with a folder for each kind inside.
    """

    folder: Path = SCENARIOS

    def names(self, kind: str) -> dict[str, Path]:
        """Files of a kind by name."""
        return {path.stem: path for path in sorted((self.folder / SUBFOLDERS[kind]).glob("*.yaml"))}

    def shown(self, path: Path) -> str:
        """A path as a user would write it: from the folder above the library where it lies inside, else its name."""
        full, root = path.resolve(), self.folder.resolve().parent
        return full.relative_to(root).as_posix() if full.is_relative_to(root) else path.name

    def is_package(self, path: Path) -> bool:
        """Whether a file lies in a folder of packages, so that it stands on the baseline when it is run by itself."""
        return path.resolve().parent.name == SUBFOLDERS["package"]

    def find(
        self, written: str, kind: str, *, beside: Path | None = None, line: int | None = None, key: str | None = None
    ) -> Path:
        """File of a name or path; a path is taken from the folder of the file that names it, then from here.

        Raises:
            UserError: there is none, with the nearest names.
        """
        known = self.names(kind)
        if written in known:
            return known[written]
        for root in (beside.parent if beside else Path.cwd(), Path.cwd(), self.folder, self.folder / SUBFOLDERS[kind]):
            for name in (written, f"{written}.yaml"):
                path = root / name
                if path.is_file():
                    return path
        if kind == "scenario" and written in self.names("package"):
            return self.names("package")[written]
        if ((beside.parent if beside else Path.cwd()) / written).is_dir():
            raise UserError(
                f"is a folder; a {kind} is a file.", file=beside, line=line, key=key or written, code=Exit.MISSING_FILE
            )
        options = {**known, **(self.names("package") if kind == "scenario" else {})}
        raise UserError(
            f"no {kind} of this name, and no such file.",
            file=beside,
            line=line,
            key=key or written,
            nearest=nearest_names(Path(written).stem, options),
            code=Exit.MISSING_FILE,
        )
