"""Settings: checked once, against the kernel, and whole wherever they go."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.coupling import FORMULATIONS
from model.kernels import DT, KERNELS, RATES
from model.kernels.accumulation import ACCUMULATIONS
from neurochip_bench.settings import Settings

MAPS = [kernel for kernel in KERNELS.values() if kernel.map_dt is not None]
FLOWS = [kernel for kernel in KERNELS.values() if kernel.map_dt is None]


def named(kernel):
    return kernel.name


@st.composite
def settings(draw):
    """Any that fit a kernel, and the kernel."""
    kernel = draw(st.sampled_from(list(KERNELS.values())))
    flow = kernel.map_dt is None
    dt = 1 / draw(st.integers(1, 1000)) if flow else kernel.map_dt
    coupling = draw(st.none() | st.sampled_from(list(FORMULATIONS)))
    accumulation = draw(st.sampled_from(ACCUMULATIONS)) if flow else "plain"
    return Settings(kernel, coupling, draw(st.sampled_from(list(RATES))), dt, accumulation), kernel


@given(settings())
def test_settings_arrive_as_they_were_sent(drawn):
    sent, kernel = drawn
    assert Settings(kernel, **json.loads(json.dumps(asdict(sent)))) == sent


@given(settings())
def test_facts_are_all_the_settings_and_the_step_has_its_unit(drawn):
    facts = drawn[0].facts()
    assert len(facts) == len(fields(Settings))
    assert Settings(drawn[1], dt=facts.pop("dt_ms"), **facts) == drawn[0]


@given(settings())
def test_a_millisecond_has_its_steps(drawn):
    assert drawn[0].steps_per_ms * drawn[0].dt == pytest.approx(1.0, abs=1e-9)


REFUSED = [
    ({"rates": "fast"}, "unknown rates 'fast': expected one of safe, published"),
    ({"accumulation": "kahan"}, "unknown accumulation 'kahan': expected one of plain, compensated"),
    ({"coupling": "sparse"}, "unknown coupling 'sparse': expected one of gather-scatter, padded"),
    ({"coupling": 3}, "unknown coupling 3: expected one of"),
    ({"dt": 0.03}, "dt is 0.03: expected a step that divides a millisecond"),
    ({"dt": "quick"}, "dt is 'quick': expected a step in ms"),
]


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=named)
@pytest.mark.parametrize(("change", "sentence"), REFUSED, ids=str)
def test_what_is_none_of_the_settings_is_a_sentence(kernel, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        Settings(kernel, **change)


@pytest.mark.parametrize("kernel", MAPS, ids=named)
def test_a_map_has_its_own_step_and_nothing_to_compensate(kernel):
    with pytest.raises(ValueError, match=f"dt is 0.05: expected {DT} for {kernel.name}, which is a map per step"):
        Settings(kernel, dt=0.05)
    with pytest.raises(ValueError, match=f"'compensated': expected 'plain' for {kernel.name}, whose state is not"):
        Settings(kernel, accumulation="compensated")


@pytest.mark.parametrize("kernel", FLOWS, ids=named)
def test_what_is_no_map_may_have_any_step_and_be_compensated(kernel):
    assert Settings(kernel, dt=0.05, accumulation="compensated").steps_per_ms == 20


def test_settings_stay_as_they_are_and_changed_ones_are_checked_anew():
    chosen = Settings(KERNELS["hh"])
    with pytest.raises(FrozenInstanceError):
        chosen.dt = 0.05  # type: ignore[misc] # that it is refused is what is tested
    assert chosen.but(KERNELS["hh"], coupling="dense") == Settings(KERNELS["hh"], "dense")
    with pytest.raises(ValueError, match="unknown rates"):
        chosen.but(KERNELS["hh"], rates="fast")
