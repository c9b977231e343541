"""The registry of the model: what all sectors declare, with the parameters of their files."""

from __future__ import annotations

from functools import lru_cache

from model.registry.catalogue import Registry
from model.registry.data_folders import parameter_files
from model.registry.parameter_files import read_parameter_file
from model.sectors import all_sectors, equation_files


@lru_cache(maxsize=1)
def registry() -> Registry:
    """Return the registry of the model, read once."""
    sectors = all_sectors()
    parameters = [parameter for path in parameter_files() for parameter in read_parameter_file(path)]
    return Registry(
        parameters,
        [stock for sector in sectors for stock in sector.stocks],
        [flow for sector in sectors for flow in sector.flows],
        [output for sector in sectors for output in sector.outputs],
        [loop for sector in sectors for loop in sector.loops],
        {sector.name: sector.title for sector in sectors},
        equation_files(),
    )
