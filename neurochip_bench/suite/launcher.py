"""A launcher that started this process among others, as JAX knows them: SLURM, Open MPI, Kubernetes, Cloud TPU."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.util import find_spec

import pytest

from neurochip_bench.backends.remote.survive import survived
from neurochip_bench.backends.sharded.remote import ALONE
from neurochip_bench.backends.sharded.start import MEETING_S, Group

SIGNS = ("SLURM_STEP_NODELIST", "OMPI_MCA_orte_hnp_uri", "KUBERNETES_SERVICE_HOST", "TPU_WORKER_HOSTNAMES")
TASKS = ("SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE")  # how many a launcher started, whatever JAX makes of it
WITHOUT = "TPU_SKIP_MDS_QUERY"  # set where the library for TPUs is there, but no TPU of a cloud
SAYS = "launched:"
# What `jax.distributed.initialize()` asks first; it has no public name.
PROBE = f"""
from jax._src.clusters import ClusterEnv
found = ClusterEnv.auto_detect_unset_distributed_params(None, None, None, None, None, {MEETING_S})
print({SAYS!r}, *found[:3])
"""


def looks_launched() -> bool:
    """Whether asking JAX, which takes seconds, may find something."""
    cloud = find_spec("libtpu") is not None and WITHOUT not in os.environ
    return find_spec("jax") is not None and (cloud or any(sign in os.environ for sign in SIGNS))


@lru_cache(maxsize=None)
def launched() -> Group:
    """The processes that a launcher started together; one where there is none.

    Raises UsageError where there are several and JAX cannot make them out: each would run by itself.
    """
    if not looks_launched():
        return _alone()
    answered, said = survived([sys.executable, "-c", PROBE], 2.0 * MEETING_S)
    word, _, found = said.rpartition("\n")[2].partition(" ")
    if not answered or word != SAYS or "None" in found:
        return _alone()
    coordinator, processes, process = found.split()
    return Group(coordinator, int(processes), int(process)) if int(processes) > 1 else _alone()


def _alone() -> Group:
    tasks = max((int(number) for number in map(os.environ.get, TASKS) if number and number.isdecimal()), default=1)
    if tasks > 1:
        raise pytest.UsageError(
            f"a launcher started {tasks} tasks, and JAX cannot make out where they meet: expected --coordinator, "
            "--processes and --process-id"
        )
    return ALONE
