"""The experiment on noise: which rows count as slowed, and when it misses a target."""

from __future__ import annotations

import sys

import pytest

from tests import noise
from tests.helpers.saved_runs import save, timed

NAMES = [f"io-connected-jax-cpu-f32-n={n}" for n in range(64, 164)]


@pytest.fixture
def experiment(tmp_path, monkeypatch, capsys):
    """Its exit code and what it prints, of so many quiet rows that are told, and loaded ones that are not."""

    def run(alarms, missed, factor=2.0):
        quiet = [timed(name, (0.01,), timing="noisy" if i < alarms else "steady") for i, name in enumerate(NAMES)]
        for name in noise.QUIET:
            save(tmp_path / f"{name}.json", quiet)
        words = ["steady" if i < missed else "contended" for i in range(len(NAMES))]
        loaded = [timed(name, (0.01 * factor,), timing=word, wait_share=0.5) for name, word in zip(NAMES, words)]
        save(tmp_path / "loaded-1.json", [*loaded, timed("io-connected-numpy-cpu-f64-n=64", (9.0,), timing="steady")])
        monkeypatch.setattr(sys, "argv", ["noise", str(tmp_path)])
        return noise.main(), capsys.readouterr().out

    return run


@pytest.mark.parametrize(("alarms", "missed", "code"), [(0, 0, 0), (2, 5, 0), (3, 0, 1), (0, 6, 1)])
def test_target_that_is_missed_fails(experiment, alarms, missed, code):
    found, text = experiment(alarms, missed)
    assert found == code
    assert f"| loaded, slowed 1.5-fold | 100 | {1 - missed / 100:.1%} | 0.0% |" in text
    assert (text.count("missed: "), text.count("false alarm: ")) == (missed, 3 * alarms)
    assert "| wait_share | loaded | 0.500 | 0.500 | 0.500 | 0.500 | 0.500 |" in text


def test_load_that_slows_nothing_proves_nothing(experiment):
    assert experiment(0, 0, factor=1.4)[0] == 1
