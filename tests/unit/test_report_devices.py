"""Strong and weak scaling in the report: the efficiency, the ideal, and that virtual devices are said to be virtual."""

from __future__ import annotations

import pytest

from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import devices
from neurochip_bench.report.scaling import scaled
from neurochip_bench.report.tables import devices as table_of
from tests.helpers.saved_runs import row, save

pytest.importorskip("matplotlib")
IDEAL = "ideal, from 1 device in 1 process"


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
    found = {(e.line.scales.experiment, e.devices, e.timed.cells): e.efficiency for e in scaled(collected)}
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
    (one, two) = scaled(collect([save(tmp_path / "a.json", [wrong, point("strong", 2, 2.0, 64)])]))
    assert (one.efficiency, two.efficiency) == (4.0, 1.0)


def test_the_table_has_devices_cells_times_efficiency_and_bytes(collected):
    table = table_of(collected)
    lines = [dict(zip(table.heads, line)) for line in table.rows]
    (two,) = [line for line in lines if (line["experiment"], line["devices"]) == ("strong", 2)]
    assert two["cells"] == 8000
    assert two["ns/cell/step"] == pytest.approx(0.8e9 / (40_000 * 8000))
    assert (two["efficiency"], two["bytes exchanged / step"], two["virtual"]) == (0.625, 800, True)
    assert two["backend"] == "jax-cpu-f32 x2 virtual"


def test_the_figure_draws_both_with_the_ideal_and_says_virtual(collected):
    figure = devices.figure(collected)
    assert [panel.title for panel in figure.panels] == ["Strong scaling", "Weak scaling"]
    assert "jax-cpu-f32 x2 virtual, 8,000 cells: 0.8 s, efficiency 62% of 1 device in 1 process" in figure.panels[0].alt
    (axes,) = figure.panels[0].draw().axes
    dotted = [list(line.get_ydata()) for line in axes.get_lines() if line.get_linestyle() == ":"]
    assert dotted == [[1.0, 0.5, 0.25]]
    assert legend_of(axes) == ["jax-cpu-f32, 8,000 cells, one process, virtual", IDEAL, "faithful"]


def legend_of(axes):
    return [text.get_text() for legend in axes.figure.legends for text in legend.get_texts()]


@pytest.fixture
def both_ways(tmp_path):
    """Two devices in one process, and in two; and two such processes with two devices each."""
    one = [point("strong", 1, 1.0, 8000), point("strong", 2, 1.1, 8000)]
    ways = {"processes": 2, "virtual_devices": None}
    several = [
        point("strong", 2, 0.7, 8000, **ways),
        point("strong", 4, 0.5, 8000, **{**ways, "virtual_devices": True}),
    ]
    return collect([save(tmp_path / name, rows) for name, rows in (("a.json", one), ("b.json", several))])


def test_devices_of_one_process_and_of_several_are_lines_of_their_own_from_one_baseline(both_ways):
    found = [(e.line.label, e.devices, round(e.efficiency or 0.0, 3)) for e in scaled(both_ways)]
    one, two = "one process", "processes of 1 device"
    assert found == [(one, 1, 1.0), (one, 2, 0.455), (two, 2, 0.714), ("processes of 2 devices", 4, 0.5)]
    assert {entry.baseline for entry in scaled(both_ways)} == {"1 device in 1 process"}
    (axes,) = devices.figure(both_ways).panels[0].draw().axes
    solid = [list(line.get_ydata()) for line in axes.get_lines() if line.get_linestyle() == "-"]
    assert solid == [[1.0, 1.1], [0.7], [0.5]]
    assert [text.rpartition(" cells, ")[2] for text in legend_of(axes)] == [
        "one process, virtual", two, "processes of 2 devices, virtual", IDEAL, "faithful"
    ]  # fmt: skip


def test_the_baseline_is_named_where_one_device_was_not_run_or_was_wrong(tmp_path):
    wrong = point("strong", 1, 1.0, 64, verdict="unusable")
    two = point("strong", 2, 2.0, 64, processes=2)
    table = table_of(collect([save(tmp_path / "a.json", [wrong, two])]))
    assert {line[table.heads.index("baseline")] for line in table.rows} == {"2 devices in 2 processes"}


def test_without_such_rows_the_figure_says_what_to_run(tmp_path):
    figure = devices.figure(collect([save(tmp_path / "a.json", [row(rtf=1.0)])]))
    assert figure.panels == []
    assert "--devices 1,2" in str(figure.missing)
