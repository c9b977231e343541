"""Results are imported in an instant: libraries for tables, files and statistics are loaded where they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pandas", "xarray", "netCDF4", "scipy", "rich", "ruamel", "matplotlib")


@pytest.mark.parametrize("module", ["headlines", "comparison", "dataset", "statement", "case_for_change", "pathways"])
def test_a_module_of_results_loads_no_large_library(module):
    code = f"import sys, model.results.{module}; print(*sorted(set(sys.modules) & {set(HEAVY)}))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == []
