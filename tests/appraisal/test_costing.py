"""Costing: by hand to the penny, signs and bias, payback and ratios, dates of delivery, accounts counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO

import numpy as np
import pytest
from costing_cases import YEARS, basis, changed_file, column, option, plain_basis, small

from model.appraisal.costing.appraisal import (
    CASH,
    NEVER,
    NO_GAIN,
    NON_CASH,
    SAVES,
    SOCIETAL,
    appraisal_results,
    appraise,
    below_threshold,
    benefit_cost_ratio,
    cost_per_unit,
    discount_factors,
    organisation_totals,
    payback_year,
)
from model.appraisal.costing.assumptions import read_costing_assumptions
from model.appraisal.costing.programmes import cost_lines, level_days, mean_level, share_of_total
from model.cli.main import main
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import Exit, UserError
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry

PENNY = 0.005


def figures(appraisal):
    return {result.name: result for result in appraisal_results(appraisal)}


def test_three_years_and_two_payers_by_hand_to_the_penny():
    assumptions = plain_basis()
    appraised = appraise(option(assumptions), assumptions)
    by_name = figures(appraised)
    # Costs: 1.2m, 0.2m, 0.2m; at 10 %: 1,200,000 + 181,818.18 + 165,289.26.
    assert by_name["programme_cost"].undiscounted == pytest.approx(1_600_000, abs=PENNY)
    assert by_name["programme_cost"].discounted == pytest.approx(1_547_107.44, abs=PENNY)
    # Cash: 30,000 released; a quarter of 900 x £346 = 77,850; 150,000 from year two; a loss of 50,000 in year three.
    assert by_name["cash_releasing"].undiscounted == pytest.approx(107_850 + 257_850 + 207_850, abs=PENNY)
    assert by_name["cash_releasing"].discounted == pytest.approx(107_850 + 234_409.09 + 171_776.86, abs=2 * PENNY)
    # The other three quarters of the bed days: 233,550 a year.
    assert by_name["non_cash_releasing"].discounted == pytest.approx(233_550 + 212_318.18 + 193_016.53, abs=2 * PENNY)
    # Ten QALYs a year at £70,000, health not discounted.
    assert by_name["societal"].discounted == pytest.approx(2_100_000, abs=PENNY)
    assert by_name["net_cash"].discounted == pytest.approx(514_035.95 - 1_547_107.44, abs=3 * PENNY)
    assert by_name["net_public"].discounted == pytest.approx(514_035.95 + 638_884.71 - 1_547_107.44, abs=3 * PENNY)
    social = 514_035.95 + 638_884.71 + 2_100_000 - 1_547_107.44
    assert by_name["net_social"].discounted == pytest.approx(social, abs=4 * PENNY)
    assert by_name["public_ratio"].discounted == pytest.approx((514_035.95 + 638_884.71) / 1_547_107.44, rel=1e-7)
    assert by_name["cost_per_bed_day"].undiscounted == pytest.approx(1_600_000 / 2_700)
    assert by_name["cost_per_waiter"].discounted == pytest.approx(1_547_107.438 / (4 / 1.1 + 6 / 1.21))
    assert by_name["cost_per_qaly"].discounted == pytest.approx((1_547_107.438 - 1_152_920.661) / 30, rel=1e-7)
    assert by_name["below_nice"].discounted == "yes"
    assert by_name["payback_cash"].discounted == NEVER
    assert by_name["payback_social"].discounted == "2024/25"


def test_who_pays_and_who_gains_by_hand():
    assumptions = plain_basis()
    appraised = appraise(option(assumptions), assumptions)
    recurrent, once, capital, all_costs, cash, non_cash, societal, net = organisation_totals(appraised, "icb")
    assert (recurrent, once, capital, all_costs) == pytest.approx((0, 0, 1e6, 1e6))
    assert cash == pytest.approx(30_000 * (1 + 1 / 1.1 + 1 / 1.21))
    assert (non_cash, societal) == (0, 0)
    assert net == pytest.approx(cash - 1e6)
    everyone = sum(organisation_totals(appraised, name)[-1] for name in (*DIMENSIONS["organisation"], "society"))
    assert everyone == pytest.approx(appraised.value(CASH, NON_CASH, SOCIETAL, "cost").mean(), abs=PENNY)


def test_bias_raises_costs_lowers_gains_and_leaves_losses_as_they_are():
    assumptions = plain_basis().changed(bias_capital=0.24, bias_recurrent=0.05, grade_strong=0.10)
    appraised = appraise(option(assumptions), assumptions)
    assert appraised.streams["cost"][:, 0] == pytest.approx([1_240_000 + 210_000, 210_000, 210_000])
    assert appraised.reduction == pytest.approx(0.10)
    cash = [0.9 * 107_850, 0.9 * 257_850, 0.9 * 257_850 - 50_000]
    assert appraised.streams[CASH][:, 0] == pytest.approx(cash)


def test_prices_are_brought_to_those_of_the_appraisal():
    own = basis()
    assert own.reflated("2022/23") == pytest.approx(1.057)
    later = appraise(option(own), own)
    assert later.costs[0][0, 0] == pytest.approx(1e6 * 1.057 * 1.24)


def test_the_figure_of_the_means_is_the_mean_of_the_figures():
    own = plain_basis().changed(grade_strong=0.2)
    spread = np.array([-0.5, 0.5, 1.0, 4.0])
    several = appraise(option(own, members=spread), own)
    mean = appraise(option(own, members=np.array([spread.mean()])), own)
    for name in ("net_cash", "net_public", "net_social"):
        assert figures(several)[name].discounted == pytest.approx(figures(mean)[name].discounted, abs=PENNY)
    assert figures(several)["net_social"].spread.low < figures(several)["net_social"].discounted


def test_years_beyond_the_appraisal_do_not_count():
    own = plain_basis().changed(years_appraised=1.0)
    assert figures(appraise(option(own), own))["programme_cost"].undiscounted == pytest.approx(1_200_000)


def test_discounting_ratios_and_payback():
    assert discount_factors(0.035, 4, 3) == pytest.approx([1, 1 / 1.035, 1 / 1.035**2, 0])
    assert discount_factors(0.10, 2, 2) @ column(-100, 110) == pytest.approx(0)
    assert cost_per_unit(10, 4) == 2.5
    assert (cost_per_unit(10, 0), cost_per_unit(10, -1), cost_per_unit(-3, 2)) == (NO_GAIN, NO_GAIN, SAVES)
    assert np.isnan(benefit_cost_ratio(5, 0))
    assert benefit_cost_ratio(-5, 10) == -0.5
    assert payback_year(np.array([-10.0, 4, 7]), YEARS, 3) == "2025/26"
    assert payback_year(np.array([-10.0, 12, -5]), YEARS, 3) == NEVER
    assert payback_year(np.array([-10.0, 12, -5]), YEARS, 2) == "2024/25"
    assert payback_year(np.array([1.0, -2, 3]), YEARS, 3) == "2025/26"
    assert (below_threshold(25_000, SAVES), below_threshold(25_000, NO_GAIN), below_threshold(25_000, 30_000.0)) == (
        "yes",
        NO_GAIN,
        "no",
    )


def test_delivery_is_spread_over_financial_years():
    ramp = ((date(2023, 4, 1), 0.0), (date(2024, 4, 1), 1.0))
    assert mean_level(ramp, "2023/24") == pytest.approx(0.5)
    assert mean_level(ramp, "2025/26") == 1.0
    once = ((date(2023, 10, 1), 0.0), (date(2023, 11, 1), 1.0), (date(2024, 10, 1), 1.0), (date(2024, 11, 1), 0.0))
    shares = [share_of_total(once, year) for year in ("2022/23", *YEARS)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == shares[3] == 0.0
    assert level_days(ramp, date(2022, 4, 1), date(2023, 4, 1)) == 0.0


def test_costs_from_files_are_those_written_and_those_that_the_model_charges():
    resolved = resolve("baseline", registry(), changes={"interventions": ["icb_running_costs"]})
    release, once = cost_lines(resolved, ("2023/24", "2024/25", "2025/26"))
    assert release.releases
    assert release.amounts[2, 0] == -10e6
    assert once.amounts.sum() == pytest.approx(5e6)
    for appraised in small():
        filed = sum(line.amounts for line in appraised.option.costs)
        filed = filed - sum(line.quantity for line in appraised.option.benefits if line.intervention)
        assert appraised.option.charged.sum() == pytest.approx(filed.sum(), rel=0.01)


def test_every_line_of_the_accounts_is_counted_once():
    for appraised in small():
        assumptions = appraised.assumptions
        counted = {line for kind in assumptions.kinds for line in kind.lines}
        accounts = sum(appraised.option.accounts[line].sum() for line in counted)
        unmet = (
            sum(line.quantity.sum() for line in appraised.option.benefits if line.kind.unmet_need)
            - appraised.option.accounts["long_term_care"].sum()
        )
        gained = sum(line.quantity.sum() for line in appraised.option.benefits if line.kind.lines)
        assert gained == pytest.approx(accounts + unmet, abs=1.0)
        contracts = sum(line.quantity for line in appraised.option.benefits if line.kind.name == "contracts")
        assert np.abs(contracts).max() < 1.0


def test_the_model_prices_a_delayed_bed_day_as_costing_does():
    """The accounts' line and the result that stands for it agree, so that neither is left out or counted twice."""
    for appraised in small():
        assumptions = appraised.assumptions
        (line,) = (benefit for benefit in appraised.option.benefits if benefit.kind.name == "delayed_bed_days")
        charged = appraised.option.accounts["delayed_bed_days"][:, 0]
        valued = line.quantity[:, 0] * assumptions["value_delayed_bed_days"] * assumptions["cash_delayed_bed_days"]
        assert valued == pytest.approx(charged, rel=0.01, abs=200.0)


def test_beds_that_close_are_not_counted_as_freed():
    """The bed days of closed escalation beds, at what is not cash of a bed day, are taken off the freed ones."""
    for appraised in small():
        assumptions = appraised.assumptions
        (line,) = (benefit for benefit in appraised.option.benefits if benefit.kind.name == "escalation_capacity")
        closed = line.quantity[:, 0] * 365
        charged = appraised.option.accounts["escalation_beds"][:, 0]
        assert closed * 300 == pytest.approx(charged, rel=0.02, abs=500.0)
        worth = assumptions["value_delayed_bed_days"] * (1 - assumptions["cash_delayed_bed_days"]) * 365
        assert -assumptions["value_escalation_capacity"] == pytest.approx(worth, rel=0.001)


def test_a_bed_day_in_treatment_is_valued_without_what_the_accounts_hold():
    known = registry().parameters
    full, variable = (float(known[f"finance.{name}"].value) for name in ("delayed_bed_day_cost", "cost_per_bed_day"))
    assert basis()["value_treatment_bed_days"] == full - variable


def test_effects_say_whether_they_are_in_money():
    assert [basis().monetised(name) for name in ("bed_days", "qalys", "underlying_deficit", "rtt_52", "vacancy")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lines: [escalation_beds]", "lines: [escalation_bed]", "Did you mean 'escalation_beds'"),
        ("lines: [escalation_beds]", "lines: [activity_costs]", "counted twice (benefits activity and benefits"),
        ("  allocation: income", "  alocation: income", "neither counted nor left out: allocation"),
        ("organisation: society", "organisation: socety", "Did you mean 'society'"),
        ("3.5 %/year", "3.5 £", "expected '1/year'"),
        ("{value: 24 %,", "{value: 400 %,", "expected 0 to 3"),
        ("parameter: finance.delayed_bed_day_cost", "parameter: finance.delayed_bed_cost", "one number"),
        ("equity:\n", "effects: [bed_day_delayed]\nequity:\n", "Did you mean 'bed_days_delayed'"),
        ("societal: true", "social: true", "societal"),
        ("charged_at: marginal", "charged_at: margin", "Did you mean 'marginal'"),
        ("low: 1\n", "low: 12\n", "expected low, value and high in rising order"),
    ],
)
def test_errors_of_the_assumptions_are_told_with_their_line(tmp_path, old, new, message):
    path = changed_file(tmp_path, old, new)
    with pytest.raises(UserError) as error:
        read_costing_assumptions(registry(), path)
    assert message in str(error.value)
    assert "costing.yaml:" in str(error.value)


def test_all_errors_of_the_assumptions_come_together(tmp_path):
    path = changed_file(tmp_path, "organisation: society", "organisation: socety")
    path.write_text(path.read_text(encoding="utf-8").replace("{value: 24 %,", "{value: -1,"), encoding="utf-8")
    with pytest.raises(UserError, match="2 errors"):
        read_costing_assumptions(registry(), path)


def test_the_command_writes_tables_and_workbook_whole(tmp_path, capsys):
    book = tmp_path / "for_finance.xlsx"
    words = ["cost", "faster_hiring", "--end", "2024-04", "--members", "2", "--processes", "1"]
    assert main([*words, "--output", str(tmp_path), "--workbook", str(book)]) == Exit.OK
    shown = capsys.readouterr().out
    assert "Net present value, public sector" in shown
    assert max(len(line) for line in shown.splitlines() if "Results:" not in line) <= 120
    folder = tmp_path / "cost_faster_hiring"
    assert book.is_file()
    guide = (folder / "README.txt").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert path.name in guide or path.name == "README.txt"
    assert (folder / "figures" / "costing.svg").is_file()
    assert "discounted_low_80" in (folder / "appraisal.csv").read_text(encoding="utf-8")


def test_an_intervention_alone_keeps_only_its_own_changes():
    from model.analysis.attribution.variants import INTERVENTION_ROLES
    from model.workflows.assess import single_interventions

    package = resolve("vcse_capacity", registry(), changes={})
    alone = single_interventions([package, replace(package, name="social_prescribing")])
    assert [programme.name for programme in alone] == [
        programme.name for programme in package.programmes if programme.name != "social_prescribing"
    ]
    first = alone[0]
    assert {spec.label for spec in first.modifiers if spec.role in INTERVENTION_ROLES} == {first.name}
    assert [s for s in first.modifiers if s.role == "history"] == [s for s in package.modifiers if s.role == "history"]
    assert len(cost_lines(first, YEARS)) == len(first.programmes[0].costs)


def test_many_options_are_shown_one_line_each():
    from rich.console import Console

    from model.cli.console.costing_tables import ABREAST, render_costing

    assumptions = plain_basis()
    console = Console(width=118, record=True, file=StringIO())
    console.print(render_costing([appraise(option(assumptions), assumptions)] * (ABREAST + 1)))
    lines = [line for line in console.export_text().splitlines() if line.startswith(" by hand")]
    assert len(lines) == ABREAST + 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cost", "baseline"], "the baseline itself"),
        (["cost", "home_frist"], "home_first"),
        (["cost", "--workbook", "home_first", "vcse_capacity"], "ends in .xlsx"),
        (["cost", "home_first", "--assumptions", "nowhere.yaml"], "no such file"),
        (["cost", "home_first", "--workbook", "no/such/folder/book.xlsx"], "cannot write"),
    ],
)
def test_errors_of_the_command(words, message, tmp_path, capsys):
    assert main([*words, "--output", str(tmp_path)]) != Exit.OK
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
