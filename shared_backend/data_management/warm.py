"""What takes time at first use, done before the first document."""

from __future__ import annotations

_SAMPLE = b"""Jane Roe
Engineer

Experience
Engineer, Acme Inc, Berlin, Germany
May 2019 - June 2020
Built things that hold, and kept them running for years without a break.

Education
BSc in Physics, University of Leeds, 2015

Skills
Python, SQL
Languages
English (C1)
"""


def warm() -> None:
    """Imports and tables: regular expressions, places, telephone plans, the language model."""
    from shared_backend.data_management.parse_here import parse_here

    parse_here(_SAMPLE + b"+49 30 901820\n", "warm.txt")
