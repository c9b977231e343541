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
    kept = {"years_after_decision": years, "members": members}
    plans = [
        resolve(name, registry(), changes={**kept, "seed": seed})
        for name, seed in (("baseline", SEEDS[0]), (scenario, SEEDS[0]), (scenario, SEEDS[1]))
    ]
    runs = dict(simulate_all(plans, MemoryStore(scenario_jobs(plans))))
    found: dict[str, tuple[float, float]] = {}
    for headline in HEADLINES:
        base, paired, other = (headline.by_year(runs[place])[runs[0].horizon_years[horizon]] for place in range(3))
        found[headline.name] = tuple(
            float(np.diff(np.quantile(values - base, INTERVAL))[0]) for values in (paired, other)
        )
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare paired with unpaired differences.")
    parser.add_argument("--scenario", default="combined")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--horizon", default="medium")
    arguments = parser.parse_args()
    found = widths(arguments.scenario, arguments.members, arguments.years, arguments.horizon)
    print(f"80% interval of the difference, {arguments.scenario} less baseline, {arguments.horizon} term,")
    print(f"{arguments.members} members, paired and with two seeds:\n")
    print("| headline result | unit | paired | unpaired | paired / unpaired |\n|---|---|---:|---:|---:|")
    for headline in HEADLINES:
        paired, unpaired = found[headline.name]
        figures = (f"{value:,.{max(headline.decimals, 1)}f}" for value in (paired, unpaired))
        print(f"| {headline.title} | {headline.unit} | {' | '.join(figures)} | {paired / unpaired:.2f} |")


if __name__ == "__main__":
    main()
