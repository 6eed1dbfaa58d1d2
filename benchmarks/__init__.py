"""Benchmarks, each beside a control in the same run. `intellicv bench NAME` runs `benchmarks.NAME.run`."""
