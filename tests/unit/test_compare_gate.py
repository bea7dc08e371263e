"""The command on made-up runs: what is said of times, and when a gate on speed fails or is refused."""

from __future__ import annotations

import pytest

from tests.helpers.commands import compare as main
from tests.helpers.saved_runs import save, timed

JAX = "io-connected-jax-cpu-f32-n=64"
NUMPY = "io-connected-numpy-cpu-f64-n=64"


def test_same_run_twice_passes(compared):
    code, text = compared([timed()], [timed()])
    assert code == 0, text
    assert text.endswith("passed\n")
    assert "rows: 1 in both; times: 1 undecided" in text
    assert "run --repeat 9 for each side" in text


@pytest.mark.parametrize("turns", [False, True])
def test_identical_code_is_quiet(pooled, turns):
    code, text = pooled("--fail-slower", "10%", turns=turns)
    assert code == 0, text
    assert " slower" not in text
    assert " faster" not in text
    assert ("took turns" in text) == turns


@pytest.mark.parametrize("turns", [False, True])
def test_planted_slowdown_is_found_and_fails_where_asked(pooled, turns):
    code, text = pooled(slow={"jax-cpu-f32": 1.3}, turns=turns)
    assert code == 0, "speed fails on request only"
    code, text = pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 1.3}, turns=turns)
    assert code == 1, text
    failed = [line for line in text.splitlines() if line.startswith("FAILED")]
    assert "FAILED: jax-cpu-f32, run, 2 rows takes" in text
    assert all("jax-cpu-f32" in line for line in failed)


def test_side_that_ran_on_a_busier_machine_decides_nothing(pooled):
    code, text = pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 2.0}, busy=3.0)
    assert code == 0, text
    assert "times as far on one side as on the other" in text
    assert pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 2.0})[0] == 1


def test_slowdown_below_the_threshold_passes(pooled):
    assert pooled("--fail-slower", "60%", slow={"jax-cpu-f32": 1.3})[0] == 0
    assert pooled("--fail-slower", "1.6", slow={"jax-cpu-f32": 1.3})[0] == 0


def test_what_slows_all_is_called_only_where_sides_took_turns(pooled):
    code, text = pooled("--fail-slower", "10%", drift=1.5)
    assert code == 0, text
    assert "All libraries moved by about 1." in text
    assert pooled("--fail-slower", "10%", drift=1.5, turns=True)[0] == 1


def test_single_runs_say_from_which_ratio_on_they_decide(compared):
    """About 1.75 at the noise that is reckoned with at the least, 1.92 with all of the interval beyond 10 %."""
    base, said = [timed(seconds=[0.01] * 5)], "with one process a side nothing below 1.92 times can fail"
    code, text = compared(base, [timed(seconds=[0.0191] * 5)], "--fail-slower", "10%")
    assert code == 0, text
    assert "decide nothing below a ratio of 1.75 here" in text
    assert f"--fail-slower: {said}; use --repeat 9 or --interleave." in text
    assert compared(base, [timed(seconds=[0.0194] * 5)], "--fail-slower", "10%")[0] == 1
    assert "1 undecided" in compared(base, [timed(seconds=[0.0174] * 5)])[1]
    code, text = compared(base, [timed(seconds=[0.0176] * 5)])
    assert "1 slower" in text
    assert "can fail" not in text, "nothing was asked of speed"


def test_noise_of_the_rounds_raises_what_single_runs_decide(compared):
    rows = [timed(seconds=(0.01, 0.016, 0.02))]
    assert "below a ratio of 8.91 here" in compared(rows, rows)[1]


def test_only_few_processes_say_what_they_cannot_find(pooled):
    assert "with 3 processes a side nothing below" in pooled("--fail-slower", "10%", processes=3)[1]
    assert "can fail" not in pooled("--fail-slower", "10%")[1]


def test_single_runs_call_nothing_below_1_5(compared):
    code, text = compared([timed(seconds=[0.01] * 5)], [timed(seconds=[0.0149] * 5)], "--fail-slower", "1%")
    assert code == 0, text
    assert "1 undecided" in text


def test_other_device_is_told_and_has_no_ratio(compared):
    code, text = compared([timed()], [timed(device="A GPU", seconds=[0.1])], "--all", "--fail-slower", "10%")
    assert code == 4
    assert "jax device Made-up CPU → A GPU, rows: 1" in text
    assert "times do not compare (another device): tests/perf" in text
    assert compared([timed()], [timed(device="A GPU", seconds=[0.1])])[0] == 0


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"model_ms": 50}, "model_ms 100 → 50"),
        ({"device": "stand-in"}, "stand-in: no times"),
        ({"backend": "emulated-bf16"}, "emulated: no times"),
    ],
)
def test_times_that_say_nothing_are_not_compared(compared, record, reason):
    old = {} if "model_ms" in record else record
    code, text = compared([timed(**old)], [timed(seconds=[1.0], **record)], "--all")
    assert code == 0, text
    assert reason in text
    assert "none compared" in text
    assert compared([timed(**old)], [timed(**record)], "--fail-slower", "10%")[0] == 4, "a gate on times needs times"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"model_ms": 50}, "model_ms 100 → 50"),
        ({"device": "A GPU"}, "another device"),
        ({"devices": 2, "processes": 2}, "processes 1 → 2"),
        ({"device": "stand-in"}, "stand-in: no times"),
        ({"seconds": ()}, "not timed"),
    ],
)
def test_gate_on_speed_is_not_green_for_a_row_that_lost_its_time(compared, change, why):
    new = timed(NUMPY, **{key: value for key, value in change.items() if key != "seconds"})
    if "seconds" in change:
        new["stats"] = {}
    code, text = compared([timed(), timed(NUMPY)], [timed(), new], "--fail-slower", "10%")
    assert code == 4, text
    assert f"FAILED: --fail-slower: times do not compare ({why}): tests/perf/test_run.py::test_run[{NUMPY}]" in text
    assert compared([timed(), timed(NUMPY)], [timed(), new])[0] == 0, "nothing was asked of speed"


def test_gate_on_speed_is_not_green_for_a_row_that_lost_some_times(tmp_path, capsys):
    entries = [timed() for _ in range(4)]
    entries[3]["stats"] = {}
    files = [save(tmp_path / f"{i}.json", [entry, timed(NUMPY)], hour=i) for i, entry in enumerate(entries)]
    assert main([*(",".join(map(str, files[i : i + 2])) for i in (0, 2)), "--fail-slower", "10%"]) == 4
    assert f"times do not compare (not timed): tests/perf/test_run.py::test_run[{JAX}]" in capsys.readouterr().out


def test_row_that_never_had_a_time_is_not_shown(compared):
    rows = [timed(), timed(NUMPY)]
    rows[1]["stats"] = {}
    code, text = compared(rows, rows, "--fail-slower", "10%")
    assert code == 0, text
    assert NUMPY not in text


@pytest.mark.parametrize("record", [{"device": "stand-in"}, {"backend": "emulated-bf16"}, {"verdict": "unusable"}])
def test_row_whose_time_never_counted_has_none_to_lose(compared, record):
    rows = [timed(), timed(NUMPY, **record)]
    code, text = compared(rows, [timed(), timed(NUMPY, **record, model_ms=50)], "--fail-slower", "10%")
    assert code == 0, text


def test_on_the_same_machine_only_judges_results_alone_on_another(compared):
    gate, slow = ("--fail-slower", "10%", "--same-machine-only"), [timed(seconds=[1.0])]
    code, text = compared([timed()], slow, *gate, cores=64)
    assert code == 0, text
    assert "Times are not compared: another machine" in text
    assert compared([timed()], [timed(verdict="unusable")], *gate, cores=64)[0] == 1
    assert compared([timed()], slow, *gate)[0] == 1
    assert compared([timed()], [timed(model_ms=50)], *gate)[0] == 4


@pytest.mark.parametrize("machine", [{"processor_name": "Another"}, {"cores": 64}])
def test_other_machine_refuses_a_gate_on_speed_and_judges_results(compared, machine):
    code, text = compared([timed()], [timed()], "--fail-slower", "10%", **machine)
    assert code == 4
    assert "another machine: Made-up CPU, 2 cores and" in text
    code, text = compared([timed()], [timed()], **machine)
    assert code == 0
    assert "Times are not compared" in text
    assert compared([timed()], [timed(verdict="unusable")], "--fail-slower", "10%", **machine)[0] == 1


def test_other_machine_compares_beside_a_backend(pooled):
    code, text = pooled("--normalise", "numpy-cpu-f64", "--fail-slower", "10%", drift=3.0, cores=4)
    assert code == 0, text
    assert "divided by those of numpy-cpu-f64" in text
    slow = {"slow": {"jax-cpu-f32": 2.0}, "drift": 3.0, "cores": 4}
    assert pooled("--normalise", "numpy-cpu-f64", "--fail-slower", "10%", **slow)[0] == 1


def test_useless_reference_is_refused(compared):
    code, text = compared([timed()], [timed()], "--normalise", "numpy-cpu-f64")
    assert code == 4
    assert "has no times on both sides, expected one of jax-cpu-f32" in text


def test_machines_are_not_pooled(tmp_path, capsys):
    files = save(tmp_path / "a.json", [timed()]), save(tmp_path / "b.json", [timed()], cores=64)
    assert main([",".join(map(str, files)), str(files[0])]) == 4
    assert "expected one machine" in capsys.readouterr().err


@pytest.mark.parametrize("minimum", [0, -1.0, "fast", None, True, float("nan")])
def test_time_that_is_no_time_is_not_compared(compared, minimum):
    damaged = timed()
    damaged["stats"]["min"] = minimum
    code, text = compared([timed()], [damaged], "--all")
    assert code == 0
    assert "not timed" in text


@pytest.mark.parametrize("text", ["fast", "-10%", "0.9", ""])
def test_threshold_that_is_none_is_refused(compared, text):
    code, printed = compared([timed()], [timed()], f"--fail-slower={text}")
    assert code == 4, printed
    assert "expected a percentage such as 10%" in printed


@pytest.mark.parametrize("text", ["10", "2", "1000"])
def test_percentage_without_its_sign_is_no_ratio(compared, text):
    code, printed = compared([timed()], [timed()], "--fail-slower", text)
    assert code == 4, printed
    assert f"--fail-slower {text}: a ratio is below 2, such as 1.1: write {text}%" in printed
    assert compared([timed()], [timed()], "--fail-slower", f"{text}%")[0] == 0


SLOW = (0.04, 0.041, 0.042)


@pytest.mark.parametrize("side", [0, 1])
def test_contended_row_decides_nothing_alone_and_the_others_do(compared, side):
    names = [f"io-connected-jax-cpu-f32-n={n}" for n in (64, 729, 8000)]
    rows = [[timed(name, timing="steady") for name in names], [timed(name, SLOW, timing="steady") for name in names]]
    code, text = compared(*rows, "--all")
    assert (code, text.count(" slower")) == (0, 5)  # three rows, the backend, and their number
    rows[side][0]["extra_info"]["timing"] = "contended"
    code, text = compared(*rows, "--all")
    assert next(line for line in text.splitlines() if names[0] in line).split()[-1] == "undecided"
    assert (text.count(" slower"), text.count("decide nothing alone")) == (4, 1)
    assert "Others had the cores in all processes of a side, rows: 1" in text


def test_row_that_is_contended_in_some_processes_alone_still_decides(tmp_path, capsys):
    for number in range(9):
        for folder, seconds in (("a", (0.01, 0.011)), ("b", (0.02, 0.021))):
            row = timed(seconds=seconds, timing="contended" if number else "steady")
            save(tmp_path / folder / f"{number}.json", [row], hour=2 * number + (folder == "b"))
    assert main([str(tmp_path / "a"), str(tmp_path / "b"), "--fail-slower", "10%"]) == 1
    assert "decide nothing alone" not in capsys.readouterr().out


def test_gate_on_speed_is_not_green_where_every_row_was_contended(compared):
    rows = [timed(f"io-connected-jax-cpu-f32-n={n}", SLOW, timing="contended") for n in (64, 729)]
    code, text = compared(rows, rows, "--fail-slower", "10%")
    assert code == 4
    assert "--fail-slower: others had the cores while every row was timed" in text
    code, text = compared(rows, rows, "--all")
    assert (code, text.count(" same"), text.count(" slower")) == (0, 0, 0)
