"""How long the generator takes, from the start of Python to the last file."""

import tempfile
from pathlib import Path

import scale

if __name__ == "__main__":
    pools = scale.options().pools
    with tempfile.TemporaryDirectory() as folder:
        scale.report(scale.generate(Path(folder), pools), pools)
