"""How long the generator takes, from the start of Python to the last file."""

import tempfile
from pathlib import Path

import scale
import script

if __name__ == "__main__":
    pools = script.options().size
    with tempfile.TemporaryDirectory() as folder:
        script.report(pools, scale.generate(Path(folder), pools).figures())
