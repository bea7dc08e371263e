"""What can run here, and what is missing for the rest; imports no backend's library."""

from __future__ import annotations

from neurochip_bench.backends import BACKENDS

if __name__ == "__main__":
    width = max(map(len, BACKENDS))
    for name, backend in BACKENDS.items():
        print(f"{name:{width}}  {backend.missing() or 'ready'}")
