"""Whether the fit finds known numbers again: ``python benchmarks/calibration_benchmarks.py [--repetitions N]``.

Simulation-based calibration of the shipped fit, with fewer draws and shorter chains. Stopped at any moment, it goes on
where it was. ``--spread`` shows instead how far the figures of the case for change spread over members, with fitted
numbers from the posterior or from their ranges. Figures are recorded in docs/calibration.md. No test asserts a time.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from model.calibration.fit import CalibrationProblem, FitOptions
    from model.calibration.synthetic_truth import Recovery

THRESHOLDS = (0.0, 0.1, 0.3, 0.5, 0.7)
SPREAD_MEMBERS = 400
MEMBERS_TOGETHER = 200


def repetition(problem: CalibrationProblem, options: FitOptions, number: int, folder: Path) -> Recovery:
    """One repetition, from the folder where it is finished, else carried out with a journal."""
    from model.calibration.checkpoint import Checkpoint
    from model.calibration.synthetic_truth import Recovery, recover
    from model.results.atomic_files import whole_file

    mark = hashlib.sha256(f"{problem.fingerprint(options)} {number}".encode()).hexdigest()
    done, unfinished = folder / f"{number:03d}.json", folder / f"{number:03d}.unfinished"
    if done.is_file():
        stored = json.loads(done.read_text(encoding="utf-8"))
        if stored.pop("mark") == mark:
            return Recovery(**{name: np.array(values) for name, values in stored.items()})
    begun = unfinished / "fingerprint.txt"
    resume = begun.is_file() and begun.read_text(encoding="utf-8") == mark
    checkpoint = Checkpoint(problem.forward(), unfinished, mark, resume=resume)
    recovery = recover(checkpoint, problem.targets, problem.priors.central, options, number)
    with whole_file(done) as temporary:
        values = {name: getattr(recovery, name).tolist() for name in ("truth", "ranks", "inside", "informed")}
        temporary.write_text(json.dumps({"mark": mark, **values}), encoding="utf-8")
    checkpoint.close()
    return recovery


def spread(members: int) -> None:
    """Print how figures that must hold spread: over draws alone, with all other ranges, and over ranges alone."""
    from model.calibration.fit import read_problem
    from model.calibration.saved_fit import read_saved_fit
    from model.results.run import Run
    from model.scenarios.resolver import resolve
    from model.scenarios.uncertainty.posterior import SHIPPED
    from model.simulation.simulate import run_members

    fit, _ = read_saved_fit(SHIPPED, read_problem())
    problem, targets = fit.problem, fit.problem.targets
    predictions = {"draws alone": fit.sample.predictions}
    for words, source in (("draws and other ranges", "posterior"), ("ranges alone", "central")):
        scenario = resolve("baseline", problem.registry, changes={"members": members, "parameters": source})
        scenario = dataclasses.replace(scenario, end=targets.end)
        pieces = []
        for first in range(0, members, MEMBERS_TOGETHER):
            count = min(MEMBERS_TOGETHER, members - first)
            results = run_members(scenario, first, count, names=targets.results)
            months = next(iter(results.values())).shape[0]
            run = Run(scenario.name, scenario.start, months, scenario.decision, {}, count, results, problem.registry)
            pieces.append(targets.predict(run))
        predictions[words] = np.concatenate(pieces, axis=1)
    position = {row.id: index for index, row in enumerate(targets.rows)}
    print(f"{'standard deviation over members':<44}" + "".join(f"{words:>24}" for words in predictions))
    for key in targets.keys:
        indices = [position[figure] for figure in key.figures]
        sizes = (values[indices].mean(axis=0).std() for values in predictions.values())
        print(f"{key.title:<44}" + "".join(f"{size:>24,.4g}" for size in sizes))


def main() -> None:
    """Carry out the repetitions and print coverage and ranks after each."""
    from model.calibration.fit import FitOptions, read_problem
    from model.calibration.synthetic_truth import coverage, rank_histogram

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--members", type=int, default=140)
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--evaluations", type=int, default=4)
    parser.add_argument("--spread", action="store_true")
    parser.add_argument("--folder", type=Path, default=ROOT / "outputs" / "synthetic_truth")
    chosen = parser.parse_args()
    if chosen.spread:
        spread(SPREAD_MEMBERS)
        return
    options = FitOptions(
        members=chosen.members,
        iterations=chosen.iterations,
        steps=chosen.steps,
        starts=1,
        evaluations=chosen.evaluations,
    )
    problem = read_problem()
    print(f"{len(problem.priors)} numbers, {int(problem.targets.fitted.sum())} figures, {options}", flush=True)
    recoveries: list[Recovery] = []
    for number in range(1, chosen.repetitions + 1):
        began = time.perf_counter()
        recoveries.append(repetition(problem, options, number, chosen.folder))
        now = coverage(recoveries)
        print(
            f"{number:3d}: {time.perf_counter() - began:5.0f} s; 80% intervals hold {now.covered:.1%} of {now.numbers}"
            " identifiable numbers so far",
            flush=True,
        )
    print("informed at least   numbers   within 80%   standard error")
    for threshold in THRESHOLDS:
        row = coverage(recoveries, threshold)
        print(f"{row.informed:16.0%}{row.numbers:10d}{row.covered:13.1%}{row.error:17.1%}")
    print("ranks of identifiable numbers by tenth:", " ".join(f"{share:.1%}" for share in rank_histogram(recoveries)))


if __name__ == "__main__":
    main()
