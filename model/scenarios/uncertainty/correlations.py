"""Which fitted draws are in force in a scenario, and which uncertain numbers are correlated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from model.registry.catalogue import Registry
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.hospitals import PATIENT_LEVEL, refused_by_patients
from model.scenarios.precedence import Setting
from model.scenarios.schema import POSTERIOR
from model.scenarios.specs import Correlation, ModifierSpec
from model.scenarios.uncertainty.draws import is_uncertain
from model.scenarios.uncertainty.fitted import Fitted, fitted_cells, with_fitted_changes
from model.scenarios.uncertainty.posterior import ANEW, SHIPPED, Posterior, read_posterior, registered_digest
from model.scenarios.uncertainty.sampling import copula_matrix


def file_of_draws(written: str, setting: Setting | None) -> Path:
    """File of fitted draws: the shipped one, or a path from the folder of the file that names it, then from here."""
    if written == POSTERIOR:
        return SHIPPED
    beside = setting.source.file.parent / written if setting is not None else Path(written)
    return (beside if beside.is_file() else Path(written)).resolve()


def fitted_draws(written: str, setting: Setting | None, registry: Registry) -> Posterior:
    """Fitted draws that a scenario asks for.

    Raises:
        UserError: there are none, or they move what no longer exists; with the place that asks for them.
    """
    file = file_of_draws(written, setting)
    if file.is_file() or setting is None:
        return read_posterior(file, registry)
    place = setting.source.error(setting.location, "")
    raise UserError(
        f"there is no file of fitted draws {file.name}; {ANEW}.",
        file=place.file,
        line=place.line,
        key=place.key,
        code=Exit.MISSING_FILE,
    )


def in_force(
    posterior: Posterior, modifiers: Sequence[ModifierSpec], history: str, hospital: str, registry: Registry
) -> tuple[Posterior, tuple[ModifierSpec, ...], tuple[str, ...]]:
    """Fitted numbers that act in a scenario, its dated changes with those that are fitted, and notes on the rest.

    Factors on the history and fitted dated changes mean something only with the history to which they were fitted:
    with another one, or none, they are left out. So are dated changes that a patient-level hospital cannot follow.

    Args:
        posterior: the draws.
        modifiers: dated changes of the scenario.
        history: name of the history in force if it is one of the library, else empty.
        hospital: representation of the acute hospitals.
        registry: all parameters.

    Raises:
        UserError: a change of the history that is scaled is no longer there.
    """
    kept, notes, errors = list(posterior.fitted), list[str](), ErrorCollector()
    if posterior.registered != registered_digest(registry):
        notes.append("Registered values or ranges have changed since the draws were fitted; fit anew to trust them.")
    if history != posterior.history:
        kept = [each for each in kept if not each.needs_history]
        notes.append(
            f"{len(posterior.fitted) - len(kept)} fitted numbers belong to the history '{posterior.history}', which is "
            "not in force; they are left out."
        )
    if hospital == PATIENT_LEVEL:
        cannot = [each for each in kept if each.change is not None and refused_by_patients(each.target, registry)]
        kept = [each for each in kept if each not in cannot]
        notes += [f"{each.name} is left out: the patient-level hospital cannot follow it." for each in cannot]
    for each in kept:
        if each.kind == "history" and not each.positions(modifiers):
            message = f"the history '{history}' no longer has this change; {ANEW}."
            errors.add(UserError(message, file=posterior.file, key=each.name))
    errors.raise_all()
    return posterior.only(kept), with_fitted_changes(modifiers, kept), tuple(notes)


def checked_correlations(
    setting: Setting | None,
    registry: Registry,
    fitted: Sequence[Fitted],
    streams: Collection[str],
    errors: ErrorCollector,
) -> tuple[Correlation, ...]:
    """Correlations that a scenario states.

    Args:
        setting: where they are stated, if anywhere.
        registry: all parameters.
        fitted: fitted numbers in force, whose correlations come from the draws.
        streams: effects that may be named, in use or in the library.
        errors: where what is wrong is put.
    """
    if setting is None:
        return ()
    found: list[Correlation] = []
    cells = fitted_cells(fitted, registry)
    names = {name for name, parameter in registry.parameters.items() if is_uncertain(parameter)}
    for number, written in enumerate(setting.value):
        location = (*setting.location, number)
        for name in written.between:
            message, near = "", ()
            if name in cells and cells[name].all():
                message = "is fitted; its correlations come from the fitted draws"
            elif name in registry.parameters and name not in names:
                message = "has no range, so that nothing of it is drawn"
            elif name not in names and name not in streams:
                message = "is neither an uncertain parameter nor an effect such as 'home_first|effect'"
                near = nearest_names(name, [*names, *streams])
            if message:
                errors.add(setting.source.error(location, f"{message}.", near, key=name))
        pair = frozenset(written.between)
        if len(pair) == 1 or any(frozenset(each.between) == pair for each in found):
            twice = "names one thing twice" if len(pair) == 1 else "states a pair twice"
            errors.add(setting.source.error(location, f"{twice}.", key=" and ".join(written.between)))
            continue
        found.append(Correlation(written.between, written.correlation, written.source))
    together = sorted({name for each in found for name in each.between})
    if together and np.linalg.eigvalsh(copula_matrix(together, found)).min() < 1e-9:
        message = "no numbers can be correlated like this (the matrix is not positive definite); take some nearer to 0."
        errors.add(setting.source.error(setting.location, message))
    return tuple(found)
