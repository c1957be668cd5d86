"""`pinfold verify` on processes that are made up."""

from __future__ import annotations

import contextlib
import io
from unittest import mock

import faults
from codegen import cli
from codegen.commands import verify
from codegen.observing import verification
from processes import PID, FakeProcess


def run(process: FakeProcess, *arguments: str) -> faults.Outcome:
    options = cli.parser().parse_args(["verify", str(PID), *arguments])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        with mock.patch.object(verification, "_PAUSE", 0):
            status = verify.run(options, process.root)
    return faults.Outcome(status, out.getvalue(), err.getvalue())


def refusal(process: FakeProcess) -> str:
    outcome = run(process)
    assert (outcome.status, outcome.out) == (2, "") and outcome.err.count("\n") == 1
    return outcome.err
