"""Strong and weak scaling in the report: the efficiency, the ideal, and that virtual devices are said to be virtual."""

from __future__ import annotations

import pytest

from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import devices
from neurochip_bench.report.tables import scaled
from tests.helpers.saved_runs import row, save

pytest.importorskip("matplotlib")


def point(experiment, number, rtf, cells, **changes):
    virtual = True if number > 1 else None
    known = {"devices": number, "processes": 1, "virtual_devices": virtual, "exchange_bytes": 800 * (number - 1)}
    made = row("jax-cpu-f32", cells=cells, rtf=rtf, test=experiment, experiment=experiment, **{**known, **changes})
    made["name"] = made["fullname"] = made["name"].replace("]", f"-devices={number}]")
    return made


@pytest.fixture
def collected(tmp_path):
    strong = [point("strong", 1, 1.0, 8000), point("strong", 2, 0.8, 8000), point("strong", 4, 0.25, 8000)]
    weak = [point("weak", 1, 1.0, 64), point("weak", 2, 1.25, 128), point("weak", 2, 9.0, 256)]
    return collect([save(tmp_path / "a.json", [*strong, *weak])])


def test_efficiency_is_the_ideal_time_over_the_measured(collected):
    found = {(e.line.experiment, e.devices, e.timed.cells): e.efficiency for e in devices.scaled(collected)}
    assert found == pytest.approx(
        {
            ("strong", 1, 8000): 1.0,
            ("strong", 2, 8000): 0.625,
            ("strong", 4, 8000): 1.0,
            ("weak", 1, 64): 1.0,
            ("weak", 2, 128): 0.8,
            ("weak", 2, 256): 1.0,
        }
    )


def test_a_wrong_row_is_no_baseline(tmp_path):
    wrong = point("strong", 1, 1.0, 64, verdict="unusable")
    (one, two) = devices.scaled(collect([save(tmp_path / "a.json", [wrong, point("strong", 2, 2.0, 64)])]))
    assert (one.efficiency, two.efficiency) == (4.0, 1.0)


def test_the_table_has_devices_cells_times_efficiency_and_bytes(collected):
    table = scaled(collected)
    lines = [dict(zip(table.heads, line)) for line in table.rows]
    (two,) = [line for line in lines if (line["experiment"], line["devices"]) == ("strong", 2)]
    assert two["cells"] == 8000
    assert two["ns/cell/step"] == pytest.approx(0.8e9 / (40_000 * 8000))
    assert (two["efficiency"], two["bytes exchanged / step"], two["virtual"]) == (0.625, 800, True)
    assert two["backend"] == "jax-cpu-f32 x2 virtual"


def test_the_figure_draws_both_with_the_ideal_and_says_virtual(collected):
    figure = devices.figure(collected)
    assert [panel.title for panel in figure.panels] == ["Strong scaling", "Weak scaling"]
    assert "jax-cpu-f32 x2 virtual, 8,000 cells: 0.8 s, efficiency 62%" in figure.panels[0].alt
    (axes,) = figure.panels[0].draw().axes
    dotted = [list(line.get_ydata()) for line in axes.get_lines() if line.get_linestyle() == ":"]
    assert dotted == [[1.0, 0.5, 0.25]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2\nvirtual", "4\nvirtual"]


def test_without_such_rows_the_figure_says_what_to_run(tmp_path):
    figure = devices.figure(collect([save(tmp_path / "a.json", [row(rtf=1.0)])]))
    assert figure.panels == []
    assert "--devices 1,2" in str(figure.missing)
