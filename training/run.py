"""Make the bundled model: all stages in order, each skipped when its result is there.

python training/run.py --parallel DIR --evalsets DIR --work DIR

The card's table is measured on the package's folder, whatever --out names.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGED = HERE.parent / "src" / "pincite" / "embed" / "models" / "zh-en-minilm"


@dataclass(frozen=True, slots=True)
class Stage:
    """One script, its arguments, and the file that shows it has run (None: always run)."""

    script: str
    arguments: tuple[str, ...]
    result: Path | None


def stages(args: argparse.Namespace) -> list[Stage]:
    """Return the stages in order."""
    work, dev = args.work, args.evalsets / "mlqa_dev"
    folder = ("--work", str(work))
    base = ("--base", str(args.base)) if args.base else ()
    rows = work / "trained_rows.npy"
    return [
        Stage("prepare", ("--parallel", str(args.parallel), *folder), work / "terms.tsv.gz"),
        Stage("templated", folder, work / "templateds.tsv.gz"),
        Stage("vocabulary", (*folder, *base), work / "pieces.tsv"),
        Stage("initialise", (*folder, *base), work / "rows.npy"),
        Stage("teacher", (*folder, *base), work / "teacher.complete"),
        Stage("train", (*folder, *base, "--dev", str(dev)), rows),
        Stage("static", (*folder, *base), work / "static.npy"),
        Stage("export", (*folder, *base, "--rows", str(rows), "--out", str(args.out)), None),
        Stage("checks", (*folder, *base, "--out", str(args.out), "--dev", str(dev)), None),
        Stage(
            "../bench/model_table",
            ("--evalsets", str(args.evalsets), "--fused", "--markdown", str(work / "table.md")),
            None,
        ),
        Stage("swaps", ("--model", f"int8={args.out}", "--json", str(work / "swaps.json")), None),
        Stage("card", (*folder, "--out", str(args.out)), None),
    ]


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description="Make the bundled Chinese/English model.")
    parser.add_argument("--parallel", type=Path, required=True, help="folder of the .tsv.gz files")
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument(
        "--out", type=Path, default=PACKAGED, help="model folder to write (default: the package's)"
    )
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    args = parser.parse_args()
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    for stage in stages(args):
        if stage.result and stage.result.exists():
            print(f"{stage.script}: done before")
            continue
        print(f"{stage.script}: running", flush=True)
        command = [sys.executable, str(HERE / f"{stage.script}.py"), *stage.arguments]
        subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    main()
