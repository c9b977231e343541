"""How much narrower paired differences are than unpaired ones: ``python benchmarks/pairing_benchmarks.py``.

A scenario and its baseline are run with the same draws (paired), and the scenario once more with another seed
(unpaired). For each headline result the width of the 80% interval of the difference is printed for both.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model.results.comparison import INTERVAL  # noqa: E402
from model.results.headlines import HEADLINES  # noqa: E402
from model.scenarios.resolver import resolve  # noqa: E402
from model.sectors.model_registry import registry  # noqa: E402
from model.simulation.simulate import scenario_jobs, simulate_all  # noqa: E402
from model.simulation.store import MemoryStore  # noqa: E402

SEEDS = (11, 12)


def widths(scenario: str, members: int, years: int, horizon: str) -> dict[str, tuple[float, float]]:
    """Width of the 80% interval of each headline's difference, paired and unpaired, in the unit of the headline."""
    settings = {"years_after_decision": years, "members": members}
    scenarios = [
        resolve(name, registry(), changes={**settings, "seed": seed})
        for name, seed in (("baseline", SEEDS[0]), (scenario, SEEDS[0]), (scenario, SEEDS[1]))
    ]
    runs = dict(simulate_all(scenarios, MemoryStore(scenario_jobs(scenarios))))
    interval_widths: dict[str, tuple[float, float]] = {}
    for headline in HEADLINES:
        base, paired, other = (headline.by_year(runs[index])[runs[0].horizon_years[horizon]] for index in range(3))
        paired_width, other_width = (np.diff(np.quantile(values - base, INTERVAL))[0] for values in (paired, other))
        interval_widths[headline.name] = float(paired_width), float(other_width)
    return interval_widths


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare paired with unpaired differences.")
    parser.add_argument("--scenario", default="combined")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--horizon", default="medium")
    arguments = parser.parse_args()
    interval_widths = widths(arguments.scenario, arguments.members, arguments.years, arguments.horizon)
    print(f"80% interval of the difference, {arguments.scenario} less baseline, {arguments.horizon} term,")
    print(f"{arguments.members} members, paired and with two seeds:\n")
    print("| headline result | unit | paired | unpaired | paired / unpaired |\n|---|---|---:|---:|---:|")
    for headline in HEADLINES:
        paired, unpaired = interval_widths[headline.name]
        texts = (f"{value:,.{max(headline.decimals, 1)}f}" for value in (paired, unpaired))
        print(f"| {headline.title} | {headline.unit} | {' | '.join(texts)} | {paired / unpaired:.2f} |")


if __name__ == "__main__":
    main()
