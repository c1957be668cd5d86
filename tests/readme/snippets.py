"""The README's snippets, each after a comment that names its file: <!-- main.cpp -->.

    snippets.py extract README FOLDER   writes them as a project of pinfold's own build
    snippets.py error README WRAPPER    compares the README's error message with what `check` says
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def snippets(readme: Path) -> dict[str, str]:
    found = re.findall(r"<!-- (\S+) -->\n```\w*\n(.*?)```\n", readme.read_text(encoding="utf-8"), re.DOTALL)
    return dict(found)


def extract(readme: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    texts = snippets(readme)
    for name in ("md.toml", "main.cpp", "prices.cpp", "CMakeLists.txt"):
        # This project is pinfold's own build, which has its targets already.
        text = texts[name].replace("add_subdirectory(pinfold)\n", "")
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def compare_error(readme: Path, wrapper: Path) -> None:
    texts = snippets(readme)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "md.toml").write_text(texts["md.toml"].replace('pricing = "risk"', 'pricing = "rsik"'))
        outcome = subprocess.run([wrapper, "check", "md.toml"], cwd=folder, stderr=subprocess.PIPE, text=True)
    if outcome.returncode != 1 or outcome.stderr != texts["error"]:
        sys.exit(f"the README shows\n{texts['error']}\nbut check says (exit {outcome.returncode})\n{outcome.stderr}")


def main() -> None:
    command, readme, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).resolve()
    if command == "extract":
        extract(readme, other)
    else:
        compare_error(readme, other)


if __name__ == "__main__":
    main()
