"""Reports: one page that needs nothing beside itself, and the calibration report made of a stored fit."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from calibration_cases import short_problem, three_series, write_rows
from page_checks import check_page

from model.calibration.fit import Fit, FitOptions
from model.calibration.point_fit import PointFit
from model.calibration.posterior import Gaussian, PosteriorSample
from model.calibration.posterior_file import write_posterior
from model.calibration.residuals import residual_table
from model.calibration.saved_fit import read_saved_fit
from model.registry.errors import Exit, UserError
from model.reporting.html.blocks import Facts, Paragraphs, Picture, Pictures, Report, Section
from model.reporting.html.page import breakable, render, write_report
from model.reporting.names import listed
from model.reporting.numbers import between, deviations, number, probability, share
from model.reporting.tables.table import Cell, Column, Table
from model.reporting.technical.backtest_section import SCORES, backtest_section
from model.reporting.technical.calibration_report import write_calibration_report

NASTY = "<script>alert('x')</script> & \"quotes\""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DRAWS = 30


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "dot.png"
    path.write_bytes(PIXEL)
    return Picture(path, f"a dot {NASTY}", NASTY)


def page_of(*blocks) -> str:
    return render(Report(NASTY, NASTY, (Section(NASTY, blocks), Section("Second part", ()))))


def test_every_text_is_escaped_and_the_page_well_formed(picture):
    table = Table(NASTY, (Column(NASTY), Column("n", True)), [(NASTY, Cell(NASTY, "bad"))], NASTY)
    page = page_of(Paragraphs((NASTY,), "lead"), Facts(((NASTY, NASTY),)), table, Pictures((picture,)))
    reader = check_page(page)
    assert "<script" not in page
    assert sum(NASTY in text for text in reader.text) >= 10
    assert reader.of("img")[0]["alt"] == f"a dot {NASTY}"
    assert reader.of("th")[-1] == {"scope": "row"}
    assert {"class": "number bad"} in reader.of("td")


def test_a_figure_is_held_whole_by_the_page(picture):
    (image,) = check_page(page_of(Pictures((picture,)))).of("img")
    assert base64.b64decode(image["src"].removeprefix("data:image/png;base64,")) == PIXEL


def test_a_drawing_beside_a_picture_is_taken_with_letters_that_every_reader_has(picture):
    picture.path.with_suffix(".svg").write_text("<svg><text style=\"font-family: 'DejaVu Sans'\">a</text></svg>")
    (image,) = check_page(page_of(Pictures((picture,)))).of("img")
    drawn = base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode()
    assert "font-family: 'DejaVu Sans', Verdana, sans-serif" in drawn


def test_a_missing_figure_leaves_no_page(tmp_path):
    report = Report("t", "s", (Section("a", (Pictures((Picture(tmp_path / "none.png", "none"),)),)),))
    with pytest.raises(UserError) as error:
        write_report(report, tmp_path / "page.html")
    assert error.value.code is Exit.MISSING_FILE
    assert not list(tmp_path.iterdir())


def test_a_row_has_as_many_cells_as_columns_or_one_that_heads_the_others():
    columns = (Column("a"), Column("b"), Column("c"))
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        Table("t", columns, [("1", "2")])
    page = render(Report("t", "s", (Section("a", (Table("t", columns, [("Aim",), ("1", "2", "3")]),)),)))
    assert '<th scope="rowgroup" colspan="3">Aim</th>' in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number(1234567.0), "1,234,567"),
        (number(-0.012345), "−0.0123"),
        (number(9.999), "10.0"),
        (number(0.0), "0"),
        (number(float("nan")), "–"),
        (number(1e-9), "1.00e−09"),
        (number(2.5, signed=True), "+2.50"),
        (between(0.1, 20.0), "0.100 to 20.0"),
        (share(-0.001), "0%"),
        (share(-0.126), "−13%"),
        (deviations(-0.04), "0.0"),
        (deviations(-1.26), "−1.3"),
        (probability(0.0002), "under 0.1%"),
        (probability(0.034), "3.4%"),
        (probability(0.34), "34%"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (listed([]), "none"),
    ],
)
def test_numbers_are_written_as_people_read_them(text, expected):
    assert text == expected


def test_names_may_break_and_numbers_may_not():
    assert breakable("a.b_c|d 0.05 <b>") == "a.<wbr>b_<wbr>c|<wbr>d 0.05 &lt;b&gt;"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished fit of the small problem with invented draws, and the folder of its data."""
    folder = tmp_path_factory.mktemp("fit")
    problem = short_problem(folder)
    generator = np.random.default_rng(4)
    scores = generator.standard_normal((len(problem.priors), DRAWS)) * np.array([[0.3], [1.0], [0.6]])
    observed = problem.targets.observed[:, None]
    predictions = observed * (1.0 + 0.01 * generator.standard_normal((len(problem.targets), DRAWS)))
    sample = PosteriorSample(
        scores,
        predictions,
        -np.sum(scores**2, axis=0),
        Gaussian(scores.mean(axis=1), np.cov(scores)),
        12.0,
        (0.5,),
        np.full(3, 2.0),
        np.zeros(3),
        np.zeros(3),
    )
    point = PointFit(np.array([0.1, -0.2, 0.3]), np.empty((0, 3)), (4.0,), 0)
    options = FitOptions(members=DRAWS, iterations=1, steps=1, starts=1)
    return Fit(problem, options, observed[:, 0] * 1.02, point, predictions[:, 0], sample, "mark"), folder


def test_a_stored_fit_is_read_back_as_it_was(finished, tmp_path):
    fit, _ = finished
    path = write_posterior(fit, 123, tmp_path / "posterior.nc")
    read_back, runs = read_saved_fit(path, fit.problem)
    assert runs == 123
    assert read_back.options == fit.options
    assert [fitted_number.name for fitted_number in read_back.problem.priors.fitted] == [
        fitted_number.name for fitted_number in fit.problem.priors.fitted
    ]
    np.testing.assert_allclose(read_back.sample.scores, fit.sample.scores)
    np.testing.assert_allclose(read_back.sample.predictions, fit.sample.predictions, rtol=1e-6)
    np.testing.assert_allclose(read_back.point.scores, fit.point.scores, atol=1e-9)
    np.testing.assert_allclose(read_back.before, fit.before)


def test_figures_that_came_since_are_left_out_and_lost_ones_refused(finished, tmp_path):
    from model.calibration.fit import read_problem

    fit, folder = finished
    path = write_posterior(fit, 1, tmp_path / "posterior.nc")
    files = {name: folder / f"{name}.yaml" for name in ("priors", "series")}
    for rows, lost in ((three_series()[:-1], True), (three_series(), False)):
        more = [*rows, rows[0] | {"id": "rtt_list.2019-10", "period": "2019-10"}]
        problem = read_problem(**files, observations=write_rows(tmp_path / "more.csv", more))
        if lost:
            with pytest.raises(UserError, match=r"emergency_admissions\.2019-08"):
                read_saved_fit(path, problem)
        else:
            assert len(read_saved_fit(path, problem)[0].problem.targets) == len(fit.problem.targets)


def test_a_file_that_is_no_posterior_is_refused(tmp_path):
    with pytest.raises(UserError) as error:
        read_saved_fit(tmp_path / "none.nc")
    assert error.value.code is Exit.MISSING_FILE


def test_neighbouring_residuals_are_correlated_about_zero(finished):
    rows = {row.series: row for row in residual_table(finished[0])}
    assert list(rows) == ["clock_starts", "emergency_admissions", "rtt_list"]
    # Three months are too few for a correlation.
    assert all(np.isnan(row.together) for row in rows.values())
    row = rows["rtt_list"]
    assert row.size == pytest.approx(np.sqrt(np.mean(row.residuals**2)))
    assert row.mean == pytest.approx(np.mean(row.residuals))


def test_the_calibration_report_shows_every_series_number_and_figure(finished, tmp_path):
    fit, _ = finished
    (tmp_path / SCORES).write_text(
        "cut_off,series,use,unit,figures_scored,crps_model,skill_against_last_value,inside_50,inside_80\n"
        "2021-03,rtt_list,fit,pathways,12,1000,0.4,0.5,0.9\n2021-03,clock_starts,fit,pathways,12,500,-0.2,0.4,0.7\n"
        "2021-03,beds,fit,beds,2,50,,0.4,0.7\n"
    )
    page = write_calibration_report(fit, 77, tmp_path, more=backtest_section(tmp_path)).read_text()
    reader = check_page(page)
    text = " ".join("".join(reader.text).split())
    for fitted_number in fit.problem.priors.fitted:
        assert fitted_number.name in text
    for name in fit.problem.targets.series:
        assert f"({name})" in text
    for expected in ("holds", "fitted", "list in August 2019", "1 of 2 series", "no history", "77", "+40%", "−20%"):
        assert expected in text
    pictures = {path.name for path in (tmp_path / "figures").glob("*.png")}
    assert len(pictures) == len(reader.of("img")) == 6
    assert {path.with_suffix(".png").name for path in (tmp_path / "figures").glob("*.svg")} == pictures


def test_scores_without_a_column_are_refused(tmp_path):
    (tmp_path / SCORES).write_text("cut_off,series\n2021-03,rtt_list\n")
    with pytest.raises(UserError, match="crps_model"):
        backtest_section(tmp_path)
    assert backtest_section(tmp_path / "none") == ()
