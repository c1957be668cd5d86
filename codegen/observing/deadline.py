"""What the kernel has admitted a thread of policy deadline with: no file of /proc says it."""

from __future__ import annotations

import ctypes
import os
import struct

from codegen.model import Deadline

# sched_getattr; the C library has it from version 2.41 on.
_NUMBERS = {"x86_64": 315, "aarch64": 275, "riscv64": 275, "loongarch64": 275, "ppc64le": 356, "s390x": 346}
_LAYOUT = struct.Struct("=IIQiIQQQ")  # SCHED_ATTR_SIZE_VER0
_DEADLINE = 6  # SCHED_DEADLINE
_US = 1000  # nanoseconds


def of_thread(tid: int) -> Deadline | None:
    """None where it has another policy, has ended, or the machine is one whose system calls are not known here."""
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        return None
    attributes = ctypes.create_string_buffer(_LAYOUT.size)
    if ctypes.CDLL(None, use_errno=True).syscall(number, tid, attributes, _LAYOUT.size, 0) != 0:
        return None
    _, policy, _, _, _, runtime, deadline, period = _LAYOUT.unpack(attributes.raw)
    return Deadline(runtime // _US, deadline // _US, period // _US) if policy == _DEADLINE else None
