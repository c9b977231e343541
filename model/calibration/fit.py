"""A fit from beginning to end: the problem, its two stages, and their results."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.calibration.forward_model import Forward, ForwardModel
from model.calibration.point_fit import PointFit, fit_point
from model.calibration.posterior import Gaussian, PosteriorSample, linearise_posterior, sample_posterior
from model.calibration.priors import PRIORS, Priors, read_priors
from model.calibration.targets import SERIES, CalibrationTargets, read_targets
from model.registry.catalogue import Registry
from model.registry.data_folders import PACKAGE
from model.registry.errors import Exit, UserError
from model.results.observations import OBSERVATIONS
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry as registry_of_the_model

FINGERPRINTED_ROOMS = ("calibration", "engine", "registry", "results", "scenarios", "sectors")
"""Rooms whose files decide what a fit gives."""

FitProgress = Callable[[str, int, int], None]
"""Receives the name of a stage, the number of its tasks that are done, and the number of all its tasks."""


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """Options of a fit.

    Attributes:
        members: draws of the posterior; also the ensemble of the linearisation.
        iterations: updates of the linearisation.
        steps: steps of the chains.
        starts: starts of the point fit.
        evaluations: most vectors tried from each start.
        seed: seed of everything that is drawn.
    """

    members: int = 360
    iterations: int = 5
    steps: int = 60
    starts: int = 3
    evaluations: int = 12
    seed: int = 1


@dataclass(frozen=True, eq=False)
class CalibrationProblem:
    """Priors, targets and scenario of a fit.

    Attributes:
        scenario: the baseline with its history, one member.
        registry: all declarations.
        priors: the fitted numbers.
        targets: figures that it is fitted to, and those that judge it.
    """

    scenario: ResolvedScenario
    registry: Registry
    priors: Priors
    targets: CalibrationTargets

    def forward(self) -> ForwardModel:
        """Return the forward operator."""
        return ForwardModel(self.scenario, self.priors, self.targets, self.registry)

    def fingerprint(self, options: FitOptions) -> str:
        """Return a digest of all that the draws depend on: data, priors, options, scenario, equations, versions."""
        import scipy

        texts = [repr(options), self.scenario.to_yaml(), self.priors.text, np.__version__, scipy.__version__]
        texts += [
            repr((row.id, row.use, row.value, row.error, row.discrepancy, row.correlation_months))
            for row in self.targets.rows
        ]
        digest = hashlib.sha256("\n".join(texts).encode())
        package = PACKAGE
        for path in sorted(
            path for name in FINGERPRINTED_ROOMS for path in (package / name).rglob("*") if path.is_file()
        ):
            if path.suffix in (".py", ".yaml", ".csv"):
                digest.update(path.relative_to(package).as_posix().encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Fit:
    """A finished fit.

    Attributes:
        problem: what was fitted to what.
        options: choices.
        before: predictions with the values before the fit, shape ``(figures,)``.
        point: the point fit.
        point_predictions: predictions of the point fit, shape ``(figures,)``.
        sample: draws of the posterior.
        fingerprint: of the problem as it was when the fit began.
    """

    problem: CalibrationProblem
    options: FitOptions
    before: np.ndarray
    point: PointFit
    point_predictions: np.ndarray
    sample: PosteriorSample
    fingerprint: str

    def misfit(self, predictions: np.ndarray) -> float:
        """Return the mean square of the whitened residuals; about 1 where the errors are as stated."""
        residuals = self.problem.targets.whitened(predictions[:, None])
        return float(np.mean(residuals**2))


def read_problem(
    *, priors: Path = PRIORS, observations: Path = OBSERVATIONS, series: Path = SERIES, scenario: str = "baseline"
) -> CalibrationProblem:
    """Read and check everything that a fit needs; run nothing.

    Raises:
        UserError: with all errors of a file.
    """
    declarations = registry_of_the_model()
    resolved = resolve(scenario, declarations, changes={"members": 1, "parameters": "central"})
    targets = read_targets(resolved, declarations, observations, series)
    return CalibrationProblem(resolved, declarations, read_priors(resolved, declarations, priors), targets)


def check_options(problem: CalibrationProblem, options: FitOptions) -> None:
    """Check that the ensemble is large enough for the fitted numbers.

    Raises:
        UserError: too few members.
    """
    fitted = len(problem.priors)
    if options.members < 2 * fitted:
        message = f"{options.members} members are too few for {fitted} fitted numbers; take at least {2 * fitted}."
        raise UserError(message, key="--members", code=Exit.USAGE)


def run_fit(
    problem: CalibrationProblem,
    options: FitOptions,
    forward: Forward,
    progress: FitProgress = lambda stage, done, total: None,
) -> Fit:
    """Run both stages.

    Args:
        problem: what is fitted to what.
        options: choices.
        forward: the forward operator, such as a checkpoint of it.
        progress: receives the progress of each stage.

    Raises:
        UserError: too few members for the numbers fitted.
    """
    check_options(problem, options)
    fingerprint = problem.fingerprint(options)
    targets, central = problem.targets, problem.priors.central
    before = forward(central[:, None])[:, 0]
    point, sample = fit_and_sample(forward, targets, central, options, progress)
    at_point = forward(point.scores[:, None])[:, 0]
    return Fit(problem, options, before, point, at_point, sample, fingerprint)


def fit_and_sample(
    forward: Forward,
    targets: CalibrationTargets,
    central: np.ndarray,
    options: FitOptions,
    progress: FitProgress = lambda stage, done, total: None,
) -> tuple[PointFit, PosteriorSample]:
    """Run point fit and draws for any forward operator and targets.

    Args:
        forward: the forward operator.
        targets: figures to fit.
        central: scores of the values before the fit.
        options: choices.
        progress: receives the progress of each stage.
    """
    point = fit_point(
        forward,
        targets,
        central,
        starts=options.starts,
        evaluations=options.evaluations,
        seed=options.seed,
        done=lambda count: progress("point fit", count, options.starts),
    )
    gaussian = linearise_posterior(
        forward,
        targets,
        Gaussian(point.scores, point.covariance),
        members=options.members,
        iterations=options.iterations,
        seed=options.seed,
        done=lambda count: progress("linearisation", count, options.iterations),
    )
    sample = sample_posterior(
        forward,
        targets,
        gaussian,
        members=options.members,
        steps=options.steps,
        seed=options.seed,
        done=lambda count: progress("draws", count, options.steps),
    )
    return point, sample
