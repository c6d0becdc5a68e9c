"""Ratios against peers and limits, interleaved in one run: `python3 manage.py bench [name …] [--json]`."""
