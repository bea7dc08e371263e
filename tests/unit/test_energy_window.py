"""The energy of a window of runs: on meters that follow a clock of their own, no test waits for it."""

from __future__ import annotations

import itertools
import time
from types import SimpleNamespace

import pytest

from neurochip_bench.energy import MeterError, measure
from neurochip_bench.energy.measure import used
from neurochip_bench.energy.meter import Meter, Reading
from neurochip_bench.energy.sampler import Sampler

IDLE_W, LOAD_W = 30.0, 80.0


class Device:
    """A device on a clock of its own: it takes `LOAD_W` while it runs and `IDLE_W` else."""

    def __init__(self, run_s=0.7):
        self.now, self.run_s, self.microjoules, self.runs = 0.0, run_s, 0.0, []

    def pass_time(self, seconds, watts=IDLE_W):
        self.now += seconds
        self.microjoules += seconds * watts * 1e6

    def run(self):
        self.runs.append(self.now)
        self.pass_time(self.run_s, LOAD_W)

    def repeat(self, count):
        for _ in range(count):
            self.run()

    def measure(self, meter):
        return measure(meter, self.run, self.repeat, clock=lambda: self.now, sleep=self.pass_time)


class Faked(Meter):
    """Counts its readings."""

    reads = 0

    def open(self):
        """Nothing."""

    def read(self):
        self.reads += 1
        return self.say()

    def say(self):
        raise NotImplementedError

    def wait_for(self, count):
        """Until it has been read so many times more, by another thread."""
        self.wait_until(self.reads + count)

    def wait_until(self, count):
        """Until it has been read so many times in all: a thread that fails may have done so already."""
        give_up = time.monotonic() + 10
        while self.reads < count and time.monotonic() < give_up:
            time.sleep(1e-3)


class Counting(Faked):
    """Counts the microjoules of a device; turns at 10 kJ."""

    name, scope, unit_j, spans = "counting", "package", 1e-6, (10**10,)

    def __init__(self, device, interval_s=1.0, watts=None):
        super().__init__()
        self.device, self.interval_s, self.watts = device, interval_s, watts

    def say(self):
        return Reading((round(self.device.microjoules) % 10**10,), self.watts)


class Telling(Faked):
    """Tells powers, one after another, every millisecond; the last one for ever."""

    name, scope, interval_s = "telling", "board", 1e-3

    def __init__(self, *watts):
        super().__init__()
        self.watts = itertools.chain(watts, itertools.repeat(watts[-1]))

    def say(self):
        watts = next(self.watts)
        if isinstance(watts, Exception):
            raise watts
        return Reading(watts=watts)


@pytest.mark.parametrize("run_s", [0.013, 0.7, 5.9, 20.0])
def test_window_is_five_seconds_or_longer_and_rest_is_subtracted(run_s):
    device = Device(run_s)
    measured = device.measure(Counting(device))
    assert measured.window_s >= 5
    assert measured.window_s == pytest.approx(measured.repeats * run_s)
    assert (measured.idle_w, measured.power_w) == pytest.approx((IDLE_W, LOAD_W))
    assert measured.run_j == pytest.approx(LOAD_W * run_s)
    assert measured.net_run_j == pytest.approx((LOAD_W - IDLE_W) * run_s)
    assert measured.counter_j == pytest.approx(LOAD_W * measured.window_s)
    assert (measured.meter, measured.scope, measured.integral_j) == ("counting", "package", None)


def test_rest_is_measured_for_five_seconds_before_the_first_run():
    device = Device()
    device.measure(Counting(device))
    assert device.runs[0] >= 5


def test_runs_that_turn_out_too_fast_for_a_window_are_refused():
    device = Device()
    hasty = SimpleNamespace(repeat=lambda count: device.pass_time(4.9, LOAD_W))
    with pytest.raises(MeterError, match=r"11 runs took 4.9 s: expected 5 s at least"):
        measure(Counting(device), device.run, hasty.repeat, clock=lambda: device.now, sleep=device.pass_time)


@pytest.mark.parametrize("watts", [IDLE_W, IDLE_W - 1])
def test_runs_that_take_no_more_than_rest_are_refused(watts):
    device = Device()
    lazy = SimpleNamespace(repeat=lambda count: device.pass_time(6, watts))
    with pytest.raises(MeterError, match=r"W while running and 30 W at rest: .* something else used the device"):
        measure(Counting(device), device.run, lazy.repeat, clock=lambda: device.now, sleep=device.pass_time)


def test_a_counter_that_stands_still_is_refused():
    device = Device()
    meter = Counting(SimpleNamespace(microjoules=7))
    with pytest.raises(MeterError, match="counting says 0 J in 5 s: expected above 0"):
        device.measure(meter)


def test_a_counter_that_turns_within_a_window_is_read_often_enough():
    device = Device()
    meter = Counting(device, interval_s=1e-3)

    def many_turns():
        for _ in range(12):
            device.pass_time(100, LOAD_W)  # 0.8 of a turn
            meter.wait_for(2)

    found = used(meter, many_turns, lambda: device.now)
    assert found.counted_j == pytest.approx(12 * 8000)


def test_power_is_integrated_by_trapezoids_over_the_window():
    now = itertools.count()  # one second a look: the start, then two a reading, then the end
    meter = Telling(10.0, 20.0, 40.0, MeterError("enough"))
    sampler = Sampler(meter, lambda: float(next(now)))
    sampler.__enter__()
    sampler._thread.join()
    sampler._error = None
    sampler._powers.append((99.0, 1.0))  # after the window's end
    sampler.__exit__(None)
    assert sampler.energy.seconds == 8  # looks at 1 to 7, the last reading having had one alone
    assert sampler.energy.integral_j == pytest.approx((15 + 30) / 2 * 8)
    assert sampler.energy.watts == pytest.approx(22.5)


def test_counter_and_integral_are_both_kept_and_the_counter_is_believed():
    device = Device()
    meter = Counting(device, 1e-3, watts=50.0)

    def run():
        for _ in range(20):
            device.run()
            meter.wait_for(1)

    found = used(meter, run, lambda: device.now)
    assert found.joules == found.counted_j == pytest.approx(20 * 0.7 * LOAD_W)
    assert found.integral_j == pytest.approx(20 * 0.7 * 50.0)


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_readings_of_a_power_are_refused(count):
    meter = Telling(50.0)
    meter.interval_s = 60.0
    with Sampler(meter) as sampler:
        sampler._powers += [(time.perf_counter(), 50.0) for _ in range(count)]
    with pytest.raises(MeterError, match=rf"telling told the power {count} times in .* s: expected 3 times at least"):
        assert sampler.energy


def test_a_reading_that_fails_in_the_thread_fails_the_measurement():
    meter = Telling(50.0, MeterError("the card is gone"))
    with pytest.raises(MeterError, match="the card is gone"):
        used(meter, lambda: meter.wait_until(2))


def test_an_error_of_the_run_is_not_hidden_by_the_meters():
    meter = Telling(MeterError("the card is gone"))
    with pytest.raises(ZeroDivisionError):
        used(meter, lambda: meter.wait_until(1) or 1 / 0)
