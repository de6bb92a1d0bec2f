"""Measurements, run by `make bench`. Nothing here passes or fails; docs/benchmarks.md has figures.

Each case runs in a process of its own, so that peak memory is that case's and caches are cold.
"""
