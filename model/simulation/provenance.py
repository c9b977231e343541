"""How a run came about: the version of the code that computed it, its commit, libraries, seed and scenario."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from model import __version__
from model.registry.data_folders import PACKAGE, source_commit

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

COMPUTING = ("engine", "hospital", "registry", "scenarios", "sectors", "simulation")
"""Folders of the package that decide results."""


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Return what stands for the version of all that computes: equations, registered values, numerical libraries."""
    digest = hashlib.sha256(f"{__version__} numpy {np.__version__} scipy {version('scipy')}".encode())
    files = {path for name in COMPUTING for path in (PACKAGE / name).rglob("*") if path.is_file()}
    for path in sorted(files | set(PACKAGE.glob("*.py"))):
        if path.suffix in (".py", ".yaml", ".csv"):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def provenance(resolved: ResolvedScenario) -> dict[str, str]:
    """Return how a run of a scenario comes about: the scenario, its seed and the versions of what computes it."""
    libraries = {name: version(name) for name in ("numpy", "scipy", "xarray")}
    versions = {"python": platform.python_version(), **libraries}
    return {
        "model_version": __version__,
        "commit": source_commit(),
        "seed": str(resolved.seed),
        "members": str(resolved.members),
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "resolved_scenario": resolved.to_yaml(),
    }
