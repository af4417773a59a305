"""Write the model card (README.md) and the training curve (curve.svg, in WORK).

Everything that was measured is read from the files the other stages wrote.
"""

import argparse
import json
from pathlib import Path
from string import Template
from typing import Any

from base import DIMENSION

HERE = Path(__file__).resolve().parent
_COLOURS = {"zh2en": "#c0392b", "en2zh": "#2471a3", "zh2zh": "#1e8449"}


def read(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def source_lines(work: Path) -> str:
    """Return the data table: what was used, and what was left out and why."""
    lines = ["| source | pairs | licence of the text | note |", "|---|---|---|---|"]
    for entry in read(work / "sources.json"):
        used = f"{entry['pairs']:,}" if entry["used"] else "not used"
        lines.append(f"| {entry['origin']} | {used} | {entry['licence']} | {entry['note']} |")
    return "\n".join(lines)


def check_lines(work: Path) -> str:
    """Return the findings of checks.py as a list."""
    found = read(work / "checks.json")
    tokens = found["tokenisation"]
    pairs = [
        ("8 bit to float32, sentences", found["int8_to_fp32"]),
        ("8 bit to float32, Chinese passages", found["int8_to_fp32_passages"]),
        ("English, float32, to all-MiniLM-L6-v2", found["english_fp32_to_minilm"]),
        ("English, 8 bit, to all-MiniLM-L6-v2", found["english_int8_to_minilm"]),
        ("traditional to simplified Chinese", found["traditional_to_simplified"]),
        ("a text encoded in a batch to the same text alone", found["batched_to_single"]),
    ]
    lines = [f"- Cosine, {what}: mean {c['mean']}, least {c['least']}." for what, c in pairs]
    lines.append(
        f"- One thread: {found['milliseconds_per_query']} ms a question, "
        f"{found['passages_per_second']} passages a second (Chinese Wikipedia paragraphs, "
        f"on a machine shared with other work); "
        f"{tokens['chinese_megabytes_per_second']} MB/s of Chinese tokenised, "
        f"{tokens['chinese_characters_per_token']} characters a token."
    )
    lines.append(
        f"- {tokens['english_texts_tokenised_as_before']} of {tokens['english_texts']} English "
        "paragraphs are tokenised exactly as by all-MiniLM-L6-v2."
    )
    return "\n".join(lines)


def swap_lines(work: Path) -> str:
    """Return the table of swaps.py: how many sentences are told from their swapped ones."""
    found = next(iter(read(work / "swaps.json").values()))
    lines = ["| swapped | zh→en | en→zh |", "|---|---|---|"]
    for kind, figures in found.items():
        lines.append(f"| {kind} | {figures['zh→en']:.1f} | {figures['en→zh']:.1f} |")
    return "\n".join(lines)


def curve(work: Path) -> str:
    """Return an SVG of nDCG@10 on the development set over the training steps."""
    entries = [json.loads(line) for line in (work / "trained.jsonl").open(encoding="utf-8")]
    points = [(entry["step"] + 1, entry["dev"]) for entry in entries if "dev" in entry]
    last = max(step for step, _ in points)
    values = [value for _, dev in points for value in dev.values()]
    low, high = min(values) - 1, max(values) + 1

    def place(step: int, value: float) -> str:
        return f"{50 + 520 * step / last:.1f},{280 - 250 * (value - low) / (high - low):.1f}"

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320" '
        'font-family="sans-serif" font-size="12"><rect width="640" height="320" fill="#fff"/>'
    ]
    for task, colour in _COLOURS.items():
        line = " ".join(place(step, dev[task]) for step, dev in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        x, y = place(*[(step, dev[task]) for step, dev in points][-1]).split(",")
        parts.append(f'<text x="{float(x) + 6}" y="{y}" fill="{colour}">{task}</text>')
    for value in range(int(low) + 1, int(high) + 1):
        y = place(0, value).split(",")[1]
        parts.append(f'<text x="20" y="{y}">{value}</text>')
    parts.append(f'<text x="50" y="305">nDCG@10 on mlqa_dev over {last:,} steps</text></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Write the model card and the curve.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()
    manifest = read(args.out / "manifest.json")
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    pieces = (args.work / "pieces.tsv").read_text(encoding="utf-8").count("\n")
    text = Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        revision=manifest["revision"],
        megabytes=f"{size / 1e6:.1f}",
        pieces=f"{pieces:,}",
        sources=source_lines(args.work),
        figures=(args.work / "table.md").read_text(encoding="utf-8").strip(),
        checks=check_lines(args.work),
        swaps=swap_lines(args.work),
        dimension=manifest["dimension"],
        static=manifest["dimension"] - DIMENSION,
    )
    (args.out / "README.md").write_text(text, encoding="utf-8")
    (args.work / "curve.svg").write_text(curve(args.work), encoding="utf-8")


if __name__ == "__main__":
    main()
