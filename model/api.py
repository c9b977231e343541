"""The model in Python: load or build scenarios, run and compare them, assess and analyse them, open results again.

The command line calls the same functions. They return objects that a notebook shows well, write files only where an
``output`` folder is given, and stay silent unless a ``progress`` is given.

Example:
    >>> from model import api
    >>> comparison = api.compare("home_first", "vcse_capacity", years=5)
    >>> comparison.headlines()
    >>> comparison.plot("effects")
"""

from model.registry.errors import UserError
from model.workflows.attribute import attribute
from model.workflows.backtest import backtest
from model.workflows.calibrate import calibrate, screen_numbers
from model.workflows.calibration_report import calibration_report
from model.workflows.comparison import Comparison, headlines, open_results
from model.workflows.cost import cost
from model.workflows.decide import Decision, decide, report
from model.workflows.describe import Description, case_for_change, describe, draw_structure
from model.workflows.fit_emulator import fit_emulator
from model.workflows.goal_seek import target
from model.workflows.pathway import pathway, pathway_sweep
from model.workflows.plan import LoadedScenario, load, scenario
from model.workflows.population import PopulationRun, population
from model.workflows.portfolio import portfolio
from model.workflows.progress import Progress
from model.workflows.robustness import robustness
from model.workflows.run import compare, run, simulate
from model.workflows.run_options import RunOptions
from model.workflows.scenario_files import CheckedFile, json_schema, new_scenario, validate
from model.workflows.sensitivity import sensitivity
from model.workflows.task_result import TaskResult
from model.workflows.track import track

__all__ = [
    "CheckedFile",
    "Comparison",
    "Decision",
    "Description",
    "LoadedScenario",
    "PopulationRun",
    "Progress",
    "RunOptions",
    "TaskResult",
    "UserError",
    "attribute",
    "backtest",
    "calibrate",
    "calibration_report",
    "case_for_change",
    "compare",
    "cost",
    "decide",
    "describe",
    "draw_structure",
    "fit_emulator",
    "headlines",
    "json_schema",
    "load",
    "new_scenario",
    "open_results",
    "pathway",
    "pathway_sweep",
    "population",
    "portfolio",
    "report",
    "robustness",
    "run",
    "scenario",
    "screen_numbers",
    "sensitivity",
    "simulate",
    "target",
    "track",
    "validate",
]
