"""What verify has to say, each with its cause and what to do."""

from __future__ import annotations

from dataclasses import dataclass

DRIFT, NOTE = "drift", "note"


@dataclass(frozen=True)
class Finding:
    severity: str  # DRIFT: something is not as declared; NOTE: worth knowing
    kind: str  # a word for programs
    subject: str
    text: str
    remedy: str
    tids: tuple[int, ...] = ()
