"""Every table of docs/evaluation.md and of the model's card, by one command.

    python bench/tables.py --evalsets DIR --out FOLDER [--only NAME ...]

    retrieval   dense retrieval, then each leg and their fusion       (bench/model_table.py --fused)
    mixed       libraries in two languages                            (bench/mixed_library.py)
    answers     answers, abstention and calibration                   (bench/answers.py)
    composite   questions of several parts                            (bench/composite.py)
    followups   follow-up questions                                   (bench/followups.py)
    heldout     the same, on articles that nothing was tuned on
    questions   eval/questions.jsonl on seeds/, with the report for people (pincite eval)

FOLDER then holds NAME.md for each, questions.html and questions.json, and tables.md with them all.
A table that is there already is kept, so that an interrupted run goes on where it was; --only makes
the named ones anew. The sets' public sources are those of bench/model_table.py.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

BENCH = Path(__file__).resolve().parent
TITLES = {
    "retrieval": "Retrieval",
    "mixed": "Libraries in two languages",
    "answers": "Answers and refusals",
    "composite": "Questions of several parts",
    "followups": "Follow-up questions",
    "heldout": "Follow-up questions, held out",
    "questions": "eval/questions.jsonl",
}


def command(name: str, evalsets: Path, out: Path) -> list[str]:
    """Return the command that writes a table to ``out``."""
    sets = ["--evalsets", str(evalsets)]
    script, *options = {
        "retrieval": ["model_table.py", *sets, "--fused"],
        "mixed": ["mixed_library.py", "--mlqa", str(evalsets / "mlqa_dev")],
        "answers": ["answers.py", *sets],
        "composite": ["composite.py", *sets],
        "followups": ["followups.py"],
        "heldout": ["followups.py", "--split", "heldout"],
    }[name]
    return [sys.executable, str(BENCH / script), *options, "--markdown", str(out)]


def questions(folder: Path) -> str:
    """Run the evaluation that people run, write its report, and return what it prints."""
    file = BENCH.parent / "eval" / "questions.jsonl"
    html, json = folder / "questions.html", folder / "questions.json"
    with TemporaryDirectory(prefix="pincite-tables-") as home:
        pincite = [sys.executable, "-m", "pincite", "--home", home]
        taken = [*pincite, "ingest", str(BENCH.parent / "seeds")]
        subprocess.run(taken, check=True, stdout=subprocess.DEVNULL)
        asked = [*pincite, "eval", str(file), "--html", str(html), "--json", str(json)]
        wide = {**os.environ, "COLUMNS": "110"}
        printed = subprocess.run(asked, env=wide, check=True, stdout=subprocess.PIPE)
    return f"```\n{printed.stdout.decode().strip()}\n```"


def make(name: str, evalsets: Path, folder: Path) -> None:
    """Make one table."""
    out = folder / f"{name}.md"
    if name == "questions":
        out.write_text(questions(folder) + "\n", encoding="utf-8")
    else:
        subprocess.run(command(name, evalsets, out), check=True, stdout=subprocess.DEVNULL)


def joined(folder: Path, names: Sequence[str]) -> str:
    """Return the tables under their headings."""
    tables = ((TITLES[name], (folder / f"{name}.md").read_text("utf-8")) for name in names)
    return "\n".join(f"## {title}\n\n{table}" for title, table in tables)


def main() -> None:
    """Make what is missing, then join it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", choices=TITLES, default=[], metavar="NAME")
    options = parser.parse_args()
    if not options.evalsets.is_dir():
        sys.exit(f"{options.evalsets} is no folder; --evalsets names that of the public sets")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only or TITLES:
        if options.only or not (options.out / f"{name}.md").exists():
            print(f"{TITLES[name]} …", file=sys.stderr, flush=True)
            try:
                make(name, options.evalsets, options.out)
            except subprocess.CalledProcessError as error:
                sys.exit(f"{TITLES[name]}: the command above ended with {error.returncode}")
    made = [name for name in TITLES if (options.out / f"{name}.md").exists()]
    (options.out / "tables.md").write_text(joined(options.out, made), encoding="utf-8")
    print(options.out / "tables.md")


if __name__ == "__main__":
    main()
