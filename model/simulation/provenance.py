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
    """Return the fingerprint of all that computes: equations, registered values, numerical libraries."""
    digest = hashlib.sha256(f"{__version__} numpy {np.__version__} scipy {version('scipy')}".encode())
    files = {path for name in COMPUTING for path in (PACKAGE / name).rglob("*") if path.is_file()}
    for path in sorted(files | set(PACKAGE.glob("*.py"))):
        if path.suffix in (".py", ".yaml", ".csv"):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def library_versions() -> str:
    """Return the versions of Python and of the libraries of numbers, in words."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "xarray"))
    return f"python {platform.python_version()}, {libraries}"


def versions_in_words() -> str:
    """Return the versions of all that computes, with the commit of the source, for a guide to results."""
    return f"{library_versions()}, model {__version__}, commit {source_commit()}"


def provenance(resolved: ResolvedScenario) -> dict[str, str]:
    """Return how a run of a scenario comes about: the scenario, its seed and the versions of what computes it."""
    return {
        "model_version": __version__,
        "commit": source_commit(),
        "seed": str(resolved.seed),
        "members": str(resolved.members),
        "versions": library_versions(),
        "resolved_scenario": resolved.to_yaml(),
    }
