"""Kernels and backends that other packages add: where they are found, and how they are taken in."""
