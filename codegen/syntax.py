"""What tomllib says about a text that is not TOML, as a sentence and a remedy."""

from __future__ import annotations

import re

_BARE_WORD = re.compile(r"[A-Za-z][\w.\-]*")
_MAX_LENGTH = 160

_REMEDIES = (  # by how the message begins
    ("Invalid value", "write a value: 2, true, \"text\" or [1, 2]"),
    ("Unclosed array", "close it with ]"),
    ("Unclosed inline table", "close it with } on the line where it begins"),
    ("Expected ']]'", "close the header with ]]"),
    ("Expected ']'", "close the header with ]"),
    ("Expected '='", "a statement is KEY = VALUE; a key of several words stands in quotes"),
    ("Expected newline", "one statement a line; a comment begins with #"),
    ("Expected", "close the string with the quotes that opened it"),
    ("Unterminated string", "close the string with the quotes that opened it"),
    ("Illegal character '\\n'", "close the string with the quotes that opened it"),
    ("Illegal character", "remove it; a string in double quotes can hold it as an escape: \\u0000"),
    ("Found invalid character", "remove it; a string in double quotes can hold it as an escape: \\u0000"),
    ("Unescaped", "write a backslash twice, or the string in single quotes"),
    ("Invalid hex value", "an escape is \\uXXXX or \\UXXXXXXXX"),
    ("Escaped character", "an escape is \\uXXXX or \\UXXXXXXXX, and no surrogate"),
    ("Invalid date", "no key of a topology takes a date; a string stands in quotes"),
    ("Invalid initial character", "a key is of letters, digits, _ and -, or stands in quotes"),
    ("Invalid statement", "a statement is KEY = VALUE or a header in brackets"),
    ("Cannot overwrite", "remove one of the two"),
    ("Duplicate inline table key", "remove one of the two"),
    ("Cannot", "a table is written in one piece: put all its keys into one table"),
    ("integer too long", "no number of a topology is that large"),
)


def sentence(message: str) -> str:
    """tomllib's words in lower case. It shows names as Python does; TOML's way is dotted."""
    dotted = re.sub(r"\(('(?:[^'\\]|\\.)*'(?:, '(?:[^'\\]|\\.)*')*),?\)",
                    lambda found: "'" + ".".join(re.findall(r"'((?:[^'\\]|\\.)*)'", found[1])) + "'", message)
    dotted = dotted.replace("mutate immutable namespace", "add to the finished table")
    shown = dotted if len(dotted) <= _MAX_LENGTH else dotted[:_MAX_LENGTH] + "..."
    return shown[:1].lower() + shown[1:]


def remedy(message: str, before: str, word: str) -> str:
    """`word`: what stands at the place of the error, and `before` it in its line."""
    if message == "Invalid value" and _BARE_WORD.fullmatch(word):
        return f"strings stand in quotes: \"{word[:_MAX_LENGTH]}\""
    if message.startswith("Expected newline") and before[-1:].isdigit() and word.startswith(("-", ",", ":")):
        return "cores and all else that is no plain number stand in quotes: \"4-7,9\""
    return next((text for start, text in _REMEDIES if message.startswith(start)),
                "TOML is described at https://toml.io/en/v1.0.0")
