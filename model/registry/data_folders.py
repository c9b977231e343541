"""Folders of data that come with the model: beside the package in a clone, inside it where a wheel was installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of the package."""


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
