"""Scenarios: precedence, sibling conflicts, errors with file, line and nearest name, and the resolved copy."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.registry.catalogue import Registry
from model.registry.declarations import OUTSIDE, Flow, Kind, Output, Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import CombinedError
from model.registry.errors import Exit, UserError
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.library import Library
from model.scenarios.resolver import DEFAULTS, resolve


def parameter(name, dims=(), value=1.0, unit="1", bounds=(0.0, np.inf), low=None, high=None, distribution="fixed"):
    shape = tuple(len(DIMENSIONS[dim]) for dim in dims)

    def whole(number):
        return np.full(shape, float(number))

    return Parameter(
        name=name,
        description=name,
        unit=unit,
        dims=dims,
        kind=Kind.RATE,
        source="assumption",
        bounds=bounds,
        value=whole(value),
        low=whole(value if low is None else low),
        high=whole(value if high is None else high),
        distribution=distribution,
    )


@pytest.fixture
def registry():
    anything = (-np.inf, np.inf)
    return Registry(
        [
            parameter("discharge.funded_places", ("place", "pathway"), 10.0, "places"),
            parameter("discharge.stay_days", ("pathway",), 10.0, "days"),
            parameter("discharge.plain_number", (), 3.0, "1", (0.0, 5.0)),
            parameter("discharge.loss_rate", ("place",), 0.02, "1/year", (0.0, 1.0), 0.01, 0.04, "triangular"),
            parameter("population.condition_incidence", ("condition", "deprivation"), 1.0),
            parameter("finance.council_budget", ("place",), 1e8, "£/year"),
            parameter("finance.programme_cost", ("organisation", "cost_type"), 0.0, "£/year", anything),
            parameter("workforce.programme_posts", ("employer", "staff_group"), 0.0, "WTE", anything),
            parameter("vcse.programme_capacity", ("place",), 0.0, "WTE", anything),
        ],
        [],
        [
            Flow(
                name="discharge.arrivals",
                description="in",
                unit="patients",
                dims=("place",),
                origin=OUTSIDE,
                target=OUTSIDE,
            )
        ],
        [Output(name="discharge.waiting", description="waiting", unit="patients")],
        [],
        {"discharge": "Discharge"},
    )


INTERVENTION = """
name: More places
group: flow
aim: productivity
description: Opens places.
evidence_grade: moderate
sources: [E0001]
known_failures: none known
levers:
  - lever: discharge.funded_places
    where: {pathway: P2}
    operation: add
    effect: {low: 2, central: 4, high: 5}
    unit: places
    gate: {staffing: community}
  - lever: discharge.stay_days
    effect: {low: 0, central: -10 %, high: -20 %}
    where: {pathway: [P1, P2]}
reach: {low: 0.4, central: 0.5, high: 0.6}
start: decision
lag_months: 6
ramp_months: 12
duration_months: 36
persistence_months: 6
fade_months: 12
costs:
  - {payer: community, type: recurrent, amount: £2m/year, source: assumption}
  - {payer: icb, type: non_recurrent, amount: £500k, over_months: 6, source: assumption}
staff:
  - {employer: community, staff_group: nursing, wte: 20}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    # The small registry of these tests has none of the numbers that are fitted.
    monkeypatch.setitem(DEFAULTS, "parameters", "central")
    for name in ("packages", "interventions", "futures", "history"):
        (tmp_path / name).mkdir()
    write(
        tmp_path,
        "history/pandemic.yaml",
        """
        changes:
          - parameter: discharge.arrivals
            where: {place: bristol}
            points: {2020-03: 0, 2020-04: -0.5, 2020-08: 0}
            source: assumption
        """,
    )
    write(tmp_path, "baseline.yaml", "description: as things are\nmembers: 1\n")
    (tmp_path / "interventions/more_places.yaml").write_text(INTERVENTION, encoding="utf-8")
    write(tmp_path, "packages/beds.yaml", "interventions: [more_places]\n")
    write(
        tmp_path,
        "futures/austerity.yaml",
        """
        parameters: {discharge.plain_number: 2}
        changes:
          - parameter: finance.council_budget
            points: {decision: 0, decision + 2 years: -0.1}
            size: {low: 0.5, central: 1, high: 1.5}
            source: assumption
        """,
    )
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    lines = text.strip("\n").splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    path.write_text("\n".join(line[indent:] for line in lines) + "\n", encoding="utf-8")
    return path


def resolved(folder, registry, text, **options):
    return resolve(write(folder, "mine.yaml", text), registry, library=Library(folder), **options)


def refused(folder, registry, text):
    with pytest.raises(UserError) as caught:
        resolved(folder, registry, text)
    return caught.value


def test_a_scenario_that_says_nothing_equals_the_baseline(folder, registry):
    base = resolve("baseline", registry, library=Library(folder))
    same = resolved(folder, registry, "extends: baseline")
    assert same.modifiers == base.modifiers
    assert not same.parameters
    assert (same.start, same.decision, same.end) == (date(2019, 4, 1), date(2023, 4, 1), date(2043, 4, 1))
    assert same.horizons == (("short", 2.0), ("medium", 5.0), ("long", 15.0), ("longest", 20.0))


def test_later_wins_registry_parent_package_future_own(folder, registry):
    write(
        folder,
        "parent.yaml",
        """
        extends: baseline
        future: austerity
        parameters: {discharge.plain_number: 1, discharge.stay_days: 12 days}
        """,
    )
    write(folder, "packages/p.yaml", "parameters: {discharge.plain_number: 4, discharge.stay_days: 2 weeks}")
    parent = resolve(folder / "parent.yaml", registry, library=Library(folder))
    assert parent.parameters["discharge.plain_number"].values == 1
    child = resolved(folder, registry, "extends: parent\npackages: [p]")
    assert child.parameters["discharge.plain_number"].values == 4
    assert np.all(child.parameters["discharge.stay_days"].values == 14)
    assert child.future == "austerity"
    with_future = resolved(folder, registry, "extends: parent\npackages: [p]\nfuture: austerity")
    assert with_future.parameters["discharge.plain_number"].values == 2
    text = "extends: parent\npackages: [p]\nfuture: none\nparameters: {discharge.plain_number: 5}"
    own = resolved(folder, registry, text)
    assert own.parameters["discharge.plain_number"].values == 5
    assert [step.level for step in own.origins["discharge.plain_number"]] == ["scenario", "package", "scenario"]
    assert not [spec for spec in own.modifiers if spec.role == "future"]


def test_command_line_changes_win(folder, registry):
    found = resolved(folder, registry, "extends: baseline\nseed: 5", changes={"seed": 7, "future": "austerity"})
    assert found.seed == 7
    assert found.future == "austerity"


def test_two_siblings_that_set_one_key_are_an_error(folder, registry):
    write(folder, "packages/p.yaml", "parameters: {discharge.plain_number: 4}")
    write(folder, "packages/q.yaml", "parameters: {discharge.plain_number: 2}")
    error = refused(folder, registry, "packages: [p, q]")
    assert "sibling" in str(error)
    assert error.key == "discharge.plain_number"
    assert str(error.file).endswith("q.yaml")
    assert error.line == 1
    error = refused(folder, registry, "packages: [p, q]\nparameters: {discharge.plain_number: 3}")
    assert "sibling" in str(error)


def test_siblings_may_share_a_parent_and_set_other_cells(folder, registry):
    write(folder, "a.yaml", "extends: baseline\nparameters: {discharge.stay_days: {value: 5, where: {pathway: P1}}}")
    write(folder, "b.yaml", "extends: baseline\nparameters: {discharge.stay_days: {value: 6, where: {pathway: P2}}}")
    found = resolved(folder, registry, "extends: [a, b]")
    assert found.parameters["discharge.stay_days"].values.tolist() == [10, 5, 6, 10]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("membrs: 3", ["'membrs'", "'members'"], 1),
        ("seed: 1\nparameters:\n  discharge.funded_place: 3", ["'discharge.funded_places'"], 3),
        ("parameters:\n  discharge.stay_days: 3 beds", ["not a unit of this kind", "'days'"], 2),
        ("parameters:\n  discharge.stay_days: 3 dayz", ["not known", "'days'"], 2),
        ("parameters:\n  discharge.plain_number: 9", ["out of range", "0 to 5"], 2),
        ("parameters:\n  discharge.waiting: 9", ["result of the model"], 2),
        ("parameters:\n  discharge.stay_days: {P1: 2, P9: 3, otherwise: 1}", ["'P9'"], 2),
        ("parameters:\n  discharge.stay_days:\n    value: 3\n    where: {pathway: P7}", ["'P7' is not a label"], 4),
        ("parameters:\n  discharge.stay_days:\n    value: 3\n    where: {place: bristol}", ["dimensions pathway"], 4),
        ("interventions:\n  - more_place", ["'more_places'"], 2),
        ("interventions:\n  - {name: more_places, rech: 0.2}", ["'reach'"], 2),
        ("interventions:\n  - {name: more_places, reach: 1.2}", ["between 0 and 1"], 2),
        ("interventions:\n  - {name: more_places, target: {condition: diabetes}}", ["none of the dimensions"], 2),
        ("interventions:\n  - more_places\n  - more_places", ["listed twice"], 3),
        ("packages: [bed]", ["'beds'"], 1),
        ("future: austerty", ["'austerity'"], 1),
        ("extends: baselin", ["'baseline'"], 1),
        ("extends: mine", ["circular"], 1),
        ("seed: 1\nseed: 2", ["twice"], 2),
        ("hospital: patient", ["stock-flow"], 1),
        ("decision: 2018-04", ["cannot come before the start"], 1),
        ("decision: soon", ["2023-04"], 1),
        ("end: 2046-04", ["tables by financial year"], 1),
        ("outputs: [discharge.waitin]", ["'discharge.waiting'"], 1),
        ("horizons: [2, 30]", ["outside the run"], 1),
        ("end: 2030-04\nyears_after_decision: 3", ["keep one"], 1),
    ],
)
def test_errors_are_refused_with_line_and_nearest_name(folder, registry, text, words, line):
    error = refused(folder, registry, text)
    for word in words:
        assert word in str(error)
    assert error.line == line
    assert str(error.file).endswith(".yaml")


def test_a_missing_file_has_its_own_exit_code(folder, registry):
    assert refused(folder, registry, "extends: nowhere.yaml").code == Exit.MISSING_FILE
    with pytest.raises(UserError):
        resolve(folder / "nothing.yaml", registry, library=Library(folder))


def test_all_errors_come_at_once(folder, registry):
    error = refused(
        folder,
        registry,
        """
        interventions: [more_placs]
        future: austerty
        parameters:
          discharge.funded_place: 3
          discharge.stay_days: 3 beds
          discharge.plain_number: 9
        """,
    )
    assert isinstance(error, CombinedError)
    assert len(error.errors) == 5
    assert sorted(part.line for part in error.errors) == [1, 2, 4, 5, 6]


def test_errors_of_an_intervention_point_into_its_file(folder, registry):
    text = INTERVENTION.replace("discharge.stay_days", "discharge.stay_day").replace("payer: icb", "payer: icbb")
    (folder / "interventions/more_places.yaml").write_text(text, encoding="utf-8")
    error = refused(folder, registry, "interventions: [more_places]")
    assert len(error.errors) == 2
    assert error.errors[0].line == text.splitlines().index("  - lever: discharge.stay_day") + 1
    assert "'discharge.stay_days'" in str(error)
    assert "'icb'" in str(error)


def test_intervention_becomes_dated_modifiers(folder, registry):
    found = resolved(folder, registry, "packages: [beds]\nhistory: none")
    add, multiply, recurrent, once, posts = found.modifiers
    assert (add.target, add.operation) == ("discharge.funded_places", "add")
    assert (add.size, add.reach) == ((2, 4, 5), (0.4, 0.5, 0.6))
    assert add.gate == ("workforce.staffed_share", (("employer", "community"),))
    assert multiply.size == (0, -0.1, -0.2)
    levels = dict(add.points)
    assert list(levels.values()) == [0, 1, 1, 0]
    assert next(iter(levels)) == date(2023, 10, 1)
    assert recurrent.size[1] == 2e6
    assert once.size[1] == pytest.approx(1e6)
    area = np.trapezoid([level for _, level in once.points], [day.toordinal() for day, _ in once.points])
    assert area / 365.25 * once.size[1] == pytest.approx(5e5, rel=0.01)
    assert posts.size[1] == 20
    assert found.programmes[0].costs[0].amount[1] == 2e6


def test_changes_per_use(folder, registry):
    found = resolved(
        folder,
        registry,
        """
        history: none
        interventions:
          - {name: more_places, start: decision + 1 year, reach: 0.25, scale: 2, cost_scale: 0.5, ramp_months: 6,
             duration_months: permanent}
        """,
    )
    add, _, recurrent, _, posts = found.modifiers
    assert add.reach == (0.25, 0.25, 0.25)
    assert add.size == (4, 8, 10)
    assert recurrent.size[1] == pytest.approx(2e6 * 2 * 0.5 * 0.25 / 0.5)
    assert posts.size[1] == pytest.approx(10)
    assert add.points[0][0] >= date(2024, 9, 28)
    assert add.points[-1][1] == 1


def test_modifiers_index_the_labelled_cells(folder, registry):
    found = resolved(folder, registry, "packages: [beds]")
    clock = Clock(found.start, found.end, 3.5)
    modifiers = {modifier.target: modifier for modifier in to_modifiers(found, clock, registry)}
    places = modifiers["discharge.funded_places"]
    value = np.zeros((3, 4, 2))
    value[places.where] = value[places.where] + places.size
    assert value[:, 2, :].tolist() == [[2.0, 2.0]] * 3
    assert value.sum() == 12.0
    assert places.gate == ("workforce.staffed_share", (1,))
    arrivals = modifiers["discharge.arrivals"]
    assert arrivals.profile.levels == (0, -0.5, 0)
    assert arrivals.profile.days[0] == (date(2020, 3, 1) - date(2019, 4, 1)).days


def test_set_on_one_lever_by_two_interventions_is_an_error(folder, registry):
    text = INTERVENTION.replace("operation: add", "operation: set")
    (folder / "interventions/one.yaml").write_text(text, encoding="utf-8")
    (folder / "interventions/two.yaml").write_text(text, encoding="utf-8")
    assert "two interventions set it" in str(refused(folder, registry, "interventions: [one, two]"))


def test_resolved_copy_says_where_each_value_comes_from(folder, registry):
    found = resolved(folder, registry, "packages: [beds]\nparameters: {finance.council_budget: £90m/year}\nmembers: 3")
    copy = found.to_yaml()
    assert "1e+08 -> 9e+07 £/year (scenario, mine.yaml:2)" in copy
    assert "more_places.yaml:" in copy
    assert found.origins["seed"][0].level == "default"
    base = base_parameters(found, registry)
    assert base["finance.council_budget"].shape == (3, 1)
    assert base["discharge.loss_rate"].shape == (3, 3)


class Ledger(Sector):
    """Records what the programme costs and the places in force are."""

    name, title, every = "ledger", "Ledger", 2
    outputs = (
        Output(name="ledger.spent", description="spent", unit="£", dims=("cost_type",), kind=Kind.MONEY),
        Output(name="ledger.places", description="places", unit="places", dims=("place",)),
        Output(name="workforce.staffed_share", description="staffed", unit="1", dims=("employer",), recorded=False),
    )

    def initialise(self, world):
        """Four fifths of posts are filled."""
        world.outputs["workforce.staffed_share"][...] = 0.8

    def step(self, world):
        """Read the parameters in force."""
        cost = world.p["finance.programme_cost"].sum(axis=0)
        world.outputs["ledger.spent"][...] = cost * world.clock.years_spanned
        world.outputs["ledger.places"][...] = world.p["discharge.funded_places"][:, 2]


def ran(scenario, registry, first_member=0, members=1):
    clock = Clock(scenario.start, scenario.end, scenario.step_days)
    modifiers = to_modifiers(scenario, clock, registry, effect_sizes(scenario, first_member, members))
    inputs = Inputs(
        base_parameters(scenario, registry, first_member, members),
        {name: entry.bounds for name, entry in registry.parameters.items()},
        tuple(modifier for modifier in modifiers if modifier.target in registry.parameters),
        {dim: len(labels) for dim, labels in DIMENSIONS.items()},
        members,
    )
    return run([Ledger()], clock, inputs)


def test_money_and_gated_effects_in_a_run(folder, registry):
    found = ran(resolved(folder, registry, "packages: [beds]\nyears_after_decision: 6"), registry)
    spent = found["ledger.spent"].sum(axis=0)[:, 0]
    assert spent[1] == pytest.approx(5e5, rel=0.02)
    assert spent[0] == pytest.approx(2e6 * (6 + 24 + 0.5) / 12, rel=0.03)  # up 12 months, held 24, down one
    assert spent[2] == 0
    at_full = 12 * 4 + 6 + 24
    assert found["ledger.places"][at_full, :, 0] == pytest.approx(10 + 4 * 0.5 * 0.8)
    assert found["ledger.places"][-1] == pytest.approx(10.0)


def test_no_change_is_bit_for_bit_the_baseline_and_members_do_not_depend_on_the_chunk(folder, registry):
    short = "years_after_decision: 4"
    base = ran(resolved(folder, registry, short), registry)
    for text in ("interventions: [{name: more_places, scale: 0}]", "parameters: {discharge.stay_days: 10 days}"):
        same = ran(resolved(folder, registry, f"{text}\n{short}"), registry)
        assert all(np.array_equal(base[name], same[name]) for name in base)
    many = resolved(folder, registry, f"packages: [beds]\n{short}\nmembers: 9")
    whole, part = ran(many, registry, 0, 9), ran(many, registry, 4, 3)
    assert all(np.array_equal(whole[name][..., 4:7], part[name]) for name in whole)
    assert np.unique(whole["ledger.places"][-20, 0]).size == 9
