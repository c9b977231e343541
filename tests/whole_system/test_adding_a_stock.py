"""A stock, its flows and a parameter are added in the folder of their sector: everything else follows."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import numpy as np
import pytest
from whole_model import resolved

from model.engine.clock import Clock
from model.engine.dynamics import filled_and_left
from model.engine.stepper import Inputs, run
from model.engine.world import ConservationError, World
from model.registry.catalogue import Registry
from model.registry.declarations import OUTSIDE, Declare, Flow, Stock
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.results.dataset import to_dataset
from model.results.run import Run
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.sectors import all_sectors
from model.sectors.model_registry import registry
from model.sectors.vcse.equations import Vcse
from model.workflows.describe import entry_facts

PARAMETER = """
vcse.mentors_trained_share:
  description: Share of volunteers trained as peer mentors in a year.
  unit: 1/year
  kind: rate
  value: 0.02
  source: assumption
"""
declare = Declare("vcse")


class VcseWithMentors(Vcse):
    """The voluntary sector with one more stock."""

    stocks: ClassVar[tuple[Stock, ...]] = (
        *Vcse.stocks,
        declare.stock("peer_mentors", "People trained as peer mentors.", "people", "peer_mentors", ("place",)),
    )
    flows: ClassVar[tuple[Flow, ...]] = (
        *Vcse.flows,
        declare.flow("mentors_trained", "People trained.", "people", OUTSIDE, "peer_mentors", ("place",)),
        declare.flow("mentors_stopping", "Mentors who stop.", "people", "peer_mentors", OUTSIDE, ("place",)),
    )
    lost = 0.0

    def step(self, world: World) -> None:
        super().step(world)
        volunteers, span = world.stocks["vcse.volunteers"].sum(axis=1), world.clock.years_spanned
        trained = world.move("vcse.mentors_trained", volunteers * world.p["vcse.mentors_trained_share"] * span)
        mentors = world.stocks["vcse.peer_mentors"]
        world.move("vcse.mentors_stopping", filled_and_left(mentors - trained, trained, 0.5, span))
        mentors *= 1.0 - self.lost


class ForgetfulVcse(VcseWithMentors):
    """Mentors vanish without a flow."""

    lost = 0.01


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    file = tmp_path_factory.mktemp("vcse") / "parameters.yaml"
    file.write_text(PARAMETER, encoding="utf-8")
    shipped = registry()
    return Registry(
        [*shipped.parameters.values(), *read_parameter_file(file)],
        [*shipped.stocks.values(), VcseWithMentors.stocks[-1]],
        [*shipped.flows.values(), *VcseWithMentors.flows[-2:]],
        shipped.outputs.values(),
        shipped.loops.values(),
        shipped.sectors,
    )


def run_with(vcse: Vcse, known: Registry) -> dict[str, np.ndarray]:
    plan = resolved()
    base = base_parameters(plan, registry(), 0, 1)
    base["vcse.mentors_trained_share"] = known.parameters["vcse.mentors_trained_share"].value[..., None]
    clock = Clock(plan.start, date(2020, 4, 1), plan.step_days)
    inputs = Inputs(
        base,
        {name: parameter.bounds for name, parameter in known.parameters.items()},
        to_modifiers(plan, clock, registry(), effect_sizes(plan, 0, 1)),
        {dim: len(labels) for dim, labels in DIMENSIONS.items()},
        1,
    )
    sectors = [vcse if sector.name == "vcse" else sector for sector in all_sectors()]
    return run(sectors, clock, inputs, checked=True)


def test_it_is_recorded_labelled_and_described(known):
    results = run_with(VcseWithMentors(), known)
    assert results["vcse.peer_mentors"].shape == (12, len(DIMENSIONS["place"]), 1)
    net = results["vcse.mentors_trained"].sum(axis=0) - results["vcse.mentors_stopping"].sum(axis=0)
    assert results["vcse.peer_mentors"][-1] == pytest.approx(net, rel=1e-9)
    data = to_dataset([Run("trial", date(2019, 4, 1), 12, date(2019, 4, 1), {}, 1, results, known)])
    mentors = data["vcse.peer_mentors"]
    assert mentors.dims == ("scenario", "time_end", "place", "member")
    assert (mentors.attrs["units"], mentors.attrs["cell_methods"]) == ("people", "time_end: point")
    facts = dict(entry_facts(known, known.find("vcse.peer_mentors")))
    assert (facts["flows in"], facts["flows out"]) == ("vcse.mentors_trained", "vcse.mentors_stopping")


def test_it_is_audited(known):
    with pytest.raises(ConservationError, match="peer_mentors not conserved"):
        run_with(ForgetfulVcse(), known)


def test_nothing_else_changes(known):
    plain, results = run_with(Vcse(), known), run_with(VcseWithMentors(), known)
    assert set(results) - set(plain) == {"vcse.peer_mentors", "vcse.mentors_trained", "vcse.mentors_stopping"}
    assert all(np.array_equal(values, results[name]) for name, values in plain.items())
