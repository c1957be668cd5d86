"""Which names can become C++ objects and namespaces."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

RESERVED = Path(__file__).resolve().parent / "reserved"  # lists that tests/codegen/reserved_names.py makes

MACRO_PREFIXES = ("BOOST_", "PINFOLD_", "SYS_", "TBB_")  # too many to list

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

PATTERN = r"[A-Za-z](?:_?[A-Za-z0-9])*_?"  # of the names that C++ does not reserve

_KEYWORDS = frozenset("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await
    co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
    double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
    requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
    true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
""".split())

_MACROS = frozenset("""
    linux unix i386 errno assert NULL EOF BUFSIZ stdin stdout stderr major minor makedev offsetof setjmp va_arg va_end
    va_start EAGAIN EBUSY EINTR EINVAL EIO ENOENT ENOMEM EPERM INT_MAX INT_MIN RAND_MAX SIGINT SIGTERM UINT_MAX
""".split())

_GENERATED = frozenset(("default_", "tables"))

_LIBRARIES = frozenset(("std", "pinfold", "boost", "asio", "tbb", "oneapi"))

_C_NAMES = frozenset("""
    abort abs accept access alarm asctime atexit atof atoi bind brk calloc chdir clock close connect ctime daemon dup
    exit exp exp2 fork free fsync getenv getpid index ioctl j0 j1 kill link listen log log2 lseek main malloc nice open
    pause pipe poll pow printf putenv puts raise rand random read recv remove rename rindex round scanf select send
    signal sin sleep socket sqrt stat sync system tan time times truncate umask wait write y0 y1
    basename clone daylight div environ ffs gamma getopt htonl
    htons lgamma lockf ntohl ntohs optarg opterr optind optopt
    program_invocation_name random shutdown srand strdup swab timezone tolower toupper vfork
    clock_t dev_t div_t fd_set gid_t id_t ino_t int8_t int16_t int32_t int64_t intptr_t itimerval ldiv_t locale_t mode_t
    off_t pid_t pthread_t ptrdiff_t sigset_t size_t ssize_t time_t timespec timeval tm u_char u_int u_long u_short uid_t
    uint uint8_t uint16_t uint32_t uint64_t uintptr_t ulong ushort useconds_t wint_t FILE
""".split())


def identifier(name: str) -> str:
    """The C++ name of a pool's object."""
    return "default_" if name == "default" else name


def why_unusable(name: str) -> str | None:
    """Why the name cannot be that of a pool or alias."""
    if name == "default":
        return None
    if name in _GENERATED:
        return "the generated code uses it"
    return _why_no_identifier(name)


def why_no_namespace(name: str) -> str | None:
    """Why the name cannot be that of a topology."""
    if name in _LIBRARIES:
        return "it is the namespace of a library"
    if name in _C_NAMES or name in _listed("globals"):
        return "the C library uses it" if name != "main" else "it is the function main"
    return _why_no_identifier(name)


def reserved() -> frozenset[str]:
    """The best known words of PATTERN that cannot name a pool or alias."""
    return (_KEYWORDS | _MACROS | _GENERATED) - {"default"}


def reserved_namespaces() -> frozenset[str]:
    """The best known words of PATTERN that cannot name a topology."""
    return _KEYWORDS | _MACROS | _LIBRARIES | _C_NAMES


def usable_like(name: str, noun: str) -> str:
    """A name near to one that a pool, alias or topology cannot have; the noun, which of them, makes it another word
    where its letters alone do not."""
    words = re.findall(r"[A-Za-z0-9]+", name[:40])
    close = "_".join(words)
    why_not = why_no_namespace if noun == "topology" else why_unusable
    if close and not close[0].isdigit() and why_not(close) is None and close != name:
        return close
    return "_".join([*words, noun] if close and not close[0].isdigit() else [noun, *(words or ["a"])])


def _why_no_identifier(name: str) -> str | None:
    if not name:
        return "it is empty"
    if not _IDENTIFIER.fullmatch(name):
        return "a C++ identifier has only letters, digits and underscores, and does not start with a digit"
    if name in _KEYWORDS:
        return "it is a C++ keyword"
    if name.startswith("_") or "__" in name:
        return "C++ reserves names with a leading or a double underscore"
    if name in _MACROS or name in _listed("macros"):
        return "it is a macro of the compiler or the C library"
    if name.startswith(MACRO_PREFIXES):
        return f"macros begin with {name.partition('_')[0]}_"
    return None


@cache
def _listed(file: str) -> frozenset[str]:
    return frozenset((RESERVED / f"{file}.txt").read_text(encoding="utf-8").split())
