"""What uses what is read from the files of the sectors, however an equation names an entry."""

from __future__ import annotations

import pytest

from model.registry.equation_uses import uses_of

ENTRIES = ("vcse.reach", "vcse.income", "demand.need", "demand.growth", "finance.slope_of_beds", "loops.R5_unmet")


@pytest.mark.parametrize(
    ("equation", "names"),
    [
        ('world.p["vcse.reach"] * 2', {"vcse.reach"}),
        ("p.reach + out.income", {"vcse.reach", "vcse.income"}),
        ("views(world).p.reach", {"vcse.reach"}),
        ("demand_views(world).p.growth", {"demand.growth"}),
        ("world.signal(NEED)", {"demand.need"}),
        ('world.outputs[f"finance.slope_of_{name}"]', {"finance.slope_of_beds"}),
        ("gain.R5_unmet", {"loops.R5_unmet"}),
        ('gated(world, "R5_unmet", effect)', {"loops.R5_unmet"}),
        ('declare.stock("vcse.reach", "A text.")', set()),
        ('Link("vcse.reach", "vcse.income", 1)', set()),
        ("world.reach + self.reach + np.reach", set()),
        ("p.growth", {"demand.growth"}),
        ("p.slope_of_beds", set()),
        ('{"reach": 1}', set()),
        ('[getattr(p, name) for name in ("reach", "need")]', {"vcse.reach"}),
        ('getattr(out, f"in{ending}")', {"vcse.income"}),
        ('getattr(out, f"{name}_at_end")', set()),
    ],
)
def test_an_entry_is_found_where_an_equation_names_it(tmp_path, equation, names):
    file = tmp_path / "vcse" / "equations.py"
    file.parent.mkdir()
    imports = "from model.sectors.demand.declarations import NEED\nfrom model.sectors.demand.views import views\n"
    file.write_text(f"{imports}\ndef equation(world, p):\n    return {equation}\n", encoding="utf-8")
    assert uses_of(ENTRIES, [file]) == dict.fromkeys(names, ("equations.py:5 equation",))


def test_an_equation_is_named_once_with_its_first_line(tmp_path):
    file = tmp_path / "vcse" / "equations.py"
    file.parent.mkdir()
    file.write_text("X = 'vcse.reach'\n\ndef f(p):\n    a = p.reach\n    return a + p.reach\n", encoding="utf-8")
    assert uses_of(ENTRIES, [file]) == {"vcse.reach": ("equations.py:1 module", "equations.py:4 f")}
