"""Writes what several processes say to one terminal, a line at a time, each under its name."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import TextIO

import typer

_COLOURS = (typer.colors.CYAN, typer.colors.GREEN, typer.colors.YELLOW, typer.colors.MAGENTA, typer.colors.BLUE)


class Printer:
    """`plain_lines` passes what children write on without their name, so that JSON stays JSON."""

    def __init__(self, out: TextIO | None = None, *, width: int = 12) -> None:
        self._out = out or sys.stdout
        self._width = width
        self._lock = threading.Lock()
        self._colours: dict[str, str] = {}
        self._coloured = self._out.isatty()
        self.plain_lines = False

    def say(self, name: str, line: str) -> None:
        """One line, under a name."""
        if self.plain_lines and name != "intellicv":
            self._write(line)
            return
        label = f"{name:<{self._width}} |"
        if self._coloured:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            label = typer.style(label, fg=colour)
        self._write(f"{label} {line}")

    def box(self, lines: Sequence[str]) -> None:
        """Lines that should be found again among the others."""
        self._write("\n".join(["", *(f"  {line}".rstrip() for line in lines), ""]))

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._out.write(f"{text}\n")
                self._out.flush()
            except (BrokenPipeError, ValueError):
                # Whoever was reading has gone, for instance `head`; the product goes on.
                self._coloured = False
