"""What an answer rests on: evidence of each intervention, assumptions, what the model cannot tell, how it was made."""

from __future__ import annotations

from model.appraisal.costing.assumptions import CostingAssumptions
from model.reporting.board.decision_results import DecisionResults
from model.reporting.html.blocks import Block, Facts, Paragraphs, Section
from model.reporting.names import capitalised
from model.reporting.numbers import MISSING, money
from model.reporting.tables.table import Cell, Column, Mark, Statement, Table
from model.results.comparison import interval_of
from model.results.number_format import format_number
from model.results.run import in_words
from model.scenarios.specs import Programme

GRADES: dict[str, Mark] = {"strong": "good", "moderate": "", "weak": "bad", "assumption": "bad", "null": "bad"}
LIMITS = (
    "Many numbers are assumptions; each says so in its source. Directions and timing are firmer than sizes, and a "
    "small difference between two packages is no finding.",
    "The model is fitted to the years that it is shown against. What it would have forecast is in docs/backtest.md: it "
    "beats the last value on more than half of the series, though not by much, and its intervals are too narrow.",
    "Unless a scenario asks for patients one by one, beds and queues are flows: average pressure, not the worst night.",
    "Intervals say what is not known about inputs within the model. They do not say that the model's form is right, or "
    "how likely a future is.",
    "Effects of packages come from studies elsewhere, often weak ones, and act as if independent except where the "
    "model itself makes them compete for staff, beds and people.",
    "Life years and QALYs follow from how many conditions people have. Health that shorter waits, or fewer days in a "
    "hospital bed, would bring is not counted in them; deaths attributed to delay in emergency departments are a "
    "result of their own.",
    "What a package costs adds to the deficit, and a deficit is met by spending less on prevention (loop R6). A "
    "package that brings no health by itself therefore loses a little, most where need is greatest.",
    "Programmes of recruitment and retention look dear in money: the pay of filled posts is counted, the work done "
    "only by what it changes in results.",
    "People kept in work, carbon and the wider economy are not in the model; of the fourth aim it holds paid roles "
    "only.",
    "Nothing here foresees reorganisation, new treatments or another pandemic unless a future of the scenario says so.",
)
"""What a board must know before it uses the figures."""


def evidence(results: DecisionResults) -> Table:
    """Return every intervention in use: grade of its evidence, sources, what is known to have failed."""
    rows = []
    users: dict[str, list[str]] = {}
    programmes: dict[str, Programme] = {}
    for scenario in results.scenarios:
        for programme in scenario.programmes:
            users.setdefault(programme.name, []).append(in_words(scenario.name))
            programmes.setdefault(programme.name, programme)
    for name, programme in programmes.items():
        yearly = sum(cost.amount[1] for cost in programme.costs if cost.type == "recurrent")
        once = sum(cost.amount[1] for cost in programme.costs if cost.type != "recurrent")
        rows.append(
            (
                in_words(name),
                ", ".join(users[name]),
                Cell(programme.evidence_grade, GRADES[programme.evidence_grade]),
                yearly,
                once,
                ", ".join(programme.sources),
                programme.known_failures,
            )
        )
    columns = (
        Column("Intervention"),
        Column("Used by"),
        Column("Evidence"),
        Column("£ a year", number=True, format=money),
        Column("£ once", number=True, format=money),
        Column("Sources"),
        Column("Known failures"),
    )
    statement = Statement(
        "£ a year when delivered in full, and £ once",
        "£ at 2022/23 prices, without optimism bias",
        "from the start of each intervention",
        "none: central amounts",
        "the files of interventions, as these scenarios use them",
    )
    return Table("Evidence of each intervention", columns, rows, statement=statement)


def assumptions(basis: CostingAssumptions, members: int) -> Table:
    """Return the assumptions of costing, with their sources."""
    rows = [
        (assumption.title, _value(assumption.value, assumption.unit), assumption.prices or MISSING, assumption.source)
        for assumption in basis.by_name.values()
    ]
    columns = (Column("Assumption"), Column("Value", number=True), Column("Prices of"), Column("Source"))
    statement = Statement(
        "in the second column",
        f"as stated; shown at {basis.prices} prices",
        f"{basis.years} years appraised at most",
        f"none: settings; results have {interval_of(members)}",
        str(basis.file),
    )
    note = "Each is a cell of the workbook and can be changed there."
    return Table("What costing assumes", columns, rows, note, statement)


def _value(value: float, unit: str) -> str:
    if unit in ("1", "1/year"):
        return f"{format_number(100 * value, 1)}%" + (" a year" if unit == "1/year" else "")
    text = format_number(value, 0 if value == round(value) else 2)
    return f"£{text}{unit.removeprefix('£')}".replace("£−", "−£") if unit.startswith("£") else f"{text} {unit}"


def evidence_and_assumptions(results: DecisionResults) -> Section:
    """Return what each intervention and the costing are based on."""
    basis = results.appraisals[0].assumptions
    blocks: tuple[Block, ...] = (
        Paragraphs((f"Numbers that no file sets: {results.scenarios[0].numbers}.",)),
        evidence(results),
        assumptions(basis, results.members),
    )
    return Section("Evidence and assumptions", blocks)


def limits() -> Section:
    """Return what the model cannot tell."""
    return Section("What the model cannot tell", (Paragraphs(LIMITS),))


def provenance(results: DecisionResults) -> Section:
    """Return how the figures came about."""
    rows = tuple((capitalised(name), text) for name, text in results.audit_trail.items())
    note = Paragraphs(
        (
            "The same command on the same version gives the same figures. Beside this page lie the resolved scenarios "
            "(every value and where it came from), all tables as CSV, the results as NetCDF, and the workbook.",
        ),
        "note",
    )
    return Section("How the figures came about", (Facts(rows), note))
