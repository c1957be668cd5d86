"""What a comparison finds, as a page and as JSON data."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from codegen import cxx, version
from codegen.deploying.page import FORMAT
from codegen.deploying.piece import Reason, because
from codegen.diagnostics import counted


@dataclass(frozen=True)
class Finding:
    subject: str
    state: str  # "ok" | "differs" | "unknown": a file does not say
    wanted: str
    found: str
    remedy: str
    why: tuple[Reason, ...]


def text(name: str, findings: Sequence[Finding]) -> str:
    lines = [line for finding in findings for line in _lines(finding)]
    different = sum(finding.state == "differs" for finding in findings)
    unknown = sum(finding.state == "unknown" for finding in findings)
    summary = [f"{counted(len(findings), 'finding')}", f"{different} {'differs' if different == 1 else 'differ'}"]
    summary += [f"{unknown} unknown"] if unknown else []
    return "\n".join([f"this host and {name}: {', '.join(summary)}", *lines]) + "\n"


def data(name: str, findings: Sequence[Finding]) -> str:
    found = {"format": FORMAT, "pinfold": version.text(), "topology": name,
             "findings": [dataclasses.asdict(finding) for finding in findings]}
    return json.dumps(found, indent=2) + "\n"


def _lines(finding: Finding) -> list[str]:
    head = f"  {finding.state:<7}  {finding.subject}"
    if finding.state == "ok":
        return [f"{head}: {finding.found}"]
    lines = [f"{head}: wanted {finding.wanted}; {'found ' if finding.state == 'differs' else ''}{finding.found}"]
    lines += _wrapped(f"because of {because(finding.why)}") if finding.why else []
    return lines + _wrapped(f"remedy: {finding.remedy}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, cxx.COLUMNS, initial_indent=" " * 11, subsequent_indent=" " * 13,
                         break_on_hyphens=False, break_long_words=False)
