"""The word for a time, by what its rounds tell; the limits are those of docs/noise.md."""

from __future__ import annotations

from neurochip_bench.keep.record import Facts
from neurochip_bench.keep.words import CONTENDED, NOISY, SINGLE, STEADY
from neurochip_bench.suite.timing.evidence import Evidence

LOST = 0.10
SCATTER = 0.25
DRIFT = 0.15


def word(evidence: Evidence) -> str:
    """Whether a time is the row's own: "steady", "noisy", "contended", or "single" where one round tells no more."""
    if evidence.lost > LOST or evidence.slowed_by is not None:
        return CONTENDED
    if evidence.rounds == 1:
        return SINGLE
    return NOISY if evidence.scatter > SCATTER or abs(evidence.drift) > DRIFT else STEADY


def facts_of(evidence: Evidence) -> Facts:
    """The evidence as fields of a record."""
    return {
        "cpu_s": evidence.cpu_s,
        "wait_share": evidence.wait_share,
        "throttled_share": evidence.throttled_share,
        "stolen_share": evidence.stolen_share,
        "others_share": evidence.others_share,
        "scatter": evidence.scatter,
        "drift": evidence.drift,
        "slowed_by": evidence.slowed_by,
    }
