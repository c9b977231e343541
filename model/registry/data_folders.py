"""Folders of data that come with the model: beside the package in a clone, inside it where a wheel was installed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of the package."""

UNKNOWN_COMMIT = "unknown"
"""Commit of a source that is neither a clone nor built from one."""


def data_folder(name: str) -> Path:
    """Return a folder of data that comes with the model.

    Args:
        name: ``scenarios`` or ``calibration``.
    """
    installed = PACKAGE / "data" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


SCENARIOS = data_folder("scenarios")
"""Shipped scenarios, packages, interventions, futures, decisions, networks."""

CALIBRATION = data_folder("calibration")
"""Shipped published figures, priors and posterior."""

SECTORS = PACKAGE / "sectors"
"""Folder of the sectors, each with its parameter files and tables."""


def parameter_files(sector: str | None = None) -> list[Path]:
    """Return the parameter files of one sector (or ``loops``), or of all of them, in the order of their names."""
    paths = sorted(SECTORS.rglob("*.yaml"))
    return [path for path in paths if sector is None or sector in (path.stem, path.parent.name)]


@lru_cache(maxsize=1)
def source_commit() -> str:
    """Return the git commit of this source (40 hexadecimal digits), or ``unknown``.

    A wheel carries the commit it was built from (``model/data/commit.txt``, written by ``setup.py``); a clone is asked
    by reading its git folder, without running git. Changes that are not committed are not seen.
    """
    try:
        installed = PACKAGE / "data" / "commit.txt"
        if installed.is_file():
            return installed.read_text(encoding="utf-8").strip()
        return _checked_out_commit(_git_folder(PACKAGE.parent / ".git")) or UNKNOWN_COMMIT
    except OSError:
        return UNKNOWN_COMMIT


def _git_folder(path: Path) -> Path:
    """Return the git folder; in a linked work tree ``.git`` is a file that names it."""
    if path.is_file():
        return path.parent / path.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    return path


def _checked_out_commit(git: Path) -> str | None:
    """Return the commit that HEAD names: itself, in a file of its own, or in the file of packed references."""
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return head
    reference = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    common = git / shared.read_text(encoding="utf-8").strip() if shared.is_file() else git
    if (common / reference).is_file():
        return (common / reference).read_text(encoding="utf-8").strip()
    packed = (common / "packed-refs").read_text(encoding="utf-8").splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {reference}")), None)
