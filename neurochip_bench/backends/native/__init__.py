"""Native programs: a kernel's step generated as Python source, compiled by Numba for this processor."""
