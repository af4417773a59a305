"""Questions of several parts on a public set: as a whole, and part by part.

Each composite question of CRUD-RAG's news (its sub-questions joined) is put to a library of the
articles it is about and of others, once judged as a whole and once as Pincite does, part by part;
then with a part put behind it that only an article left out of the search could answer.

    python bench/composite.py --evalsets DIR [--questions 120] [--others 450]

The set's public sources are those of crud_news_zh in bench/model_table.py.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from model_table import markdown_table
from rich.console import Console
from rich.markdown import Markdown

from pincite.answer.confidence.support import SupportModel
from pincite.answer.extractive import Selection
from pincite.answer.judge import Judge
from pincite.answer.parts import MOST_PARTS, parts_of
from pincite.embed.encoder import Encoder
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.settings import Settings
from pincite.text import fold
from pincite.wiring import make_encoder, make_reader, temporary_workspace
from pincite.workspace import Workspace

SET = "crud_news_zh/qa_dev"
# Name of a figure → what is counted, of how many.
SHOWN = {
    "answers contained": ("held", "answers"),
    "sentences that hold one": ("right", "sentences"),
    "sentences a question": ("sentences", "questions"),
    "refused": ("refused", "questions"),
    "partial": ("partial", "questions"),
    "stranger's part named": ("named", "strangers"),
}
_POINTS = str.maketrans("", "", " ，、,.。\n")


def taken(data: DataSet, questions: int, others: int) -> DataSet:
    """Return some composite questions with their articles and some others."""
    random = Random(1)
    ids = [i for i, text in data.queries.items() if 1 < len(parts_of(text)) <= MOST_PARTS]
    ids = random.sample(ids, min(questions, len(ids)))
    about = {document for i in ids for document in data.qrels[i]}
    rest = random.sample(sorted(data.documents.keys() - about), others)
    return replace(
        data,
        documents={i: data.documents[i] for i in (*about, *rest)},
        queries={i: data.queries[i] for i in ids},
    )


def contained(selection: Selection, answers: list[str]) -> tuple[int, int]:
    """Count the answers among the chosen sentences, and the sentences that hold one."""
    said = [fold(c.text).translate(_POINTS) for _, c in selection.chosen]
    wanted = [fold(answer).translate(_POINTS) for answer in answers]
    return sum(any(w in s for s in said) for w in wanted), sum(
        any(w in s for w in wanted) for s in said
    )


def measure(data: DataSet, workspace: Workspace, judge: Judge) -> dict[str, Counter[str]]:
    """Ask every question both ways, and once more with a stranger's part."""
    stored = {info.source: info.id for info in workspace.documents()}
    counts: dict[str, Counter[str]] = {"as a whole": Counter(), "part by part": Counter()}
    random = Random(2)
    for id_, text in data.queries.items():
        found = workspace.retriever.search(text, 8)
        answers = [answer for group in data.answers[id_] for answer in group]
        whole, parted = judge.select(found), judge.judge(found)
        for name, selection in (("as a whole", whole), ("part by part", parted.selection)):
            held, right = contained(selection, answers)
            counts[name] += Counter(
                questions=1,
                answers=len(answers),
                held=held,
                sentences=len(selection.chosen),
                right=right,
                refused=selection.reason is not None,
            )
        counts["part by part"]["partial"] += bool(parted.unanswered)
        other = random.choice([i for i in data.queries if i != id_])
        part = parts_of(data.queries[other])[0]
        if len(parts_of(text)) == MOST_PARTS:
            continue
        out = {stored[document] for document in data.qrels[other]}
        mixed = workspace.retriever.search(text + part, 8)
        hits = [hit for hit in mixed.hits if hit.document.id not in out]
        judged = judge.judge(replace(mixed, hits=hits))
        counts["part by part"] += Counter(
            strangers=1, named=part in judged.unanswered or judged.selection.reason is not None
        )
    return counts


def run(evalsets: Path, questions: int, others: int, encoder: Encoder) -> str:
    """Return the table, in Markdown."""
    data = taken(load_data_set(SET, evalsets / SET, to_answer=True), questions, others)
    settings = Settings()
    with temporary_workspace(settings, encoder) as workspace:
        workspace.add_parsed(data.documents.items())
        reader = make_reader(settings, encoder)
        model = SupportModel.load(reader=reader.revision if reader else "")
        counts = measure(data, workspace, Judge(workspace.retriever, model, reader))
    return markdown_table(
        ["questions", *SHOWN],
        [
            [
                name,
                *(
                    f"{c[over] / c[under]:.3f}" if c[under] else ""
                    for over, under in SHOWN.values()
                ),
            ]
            for name, c in counts.items()
        ],
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--questions", type=int, default=120, help="composite questions asked")
    parser.add_argument("--others", type=int, default=450, help="articles they are not about")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="also write the table here")
    options = parser.parse_args()
    text = run(options.evalsets, options.questions, options.others, make_encoder(Settings()))
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")
    Console().print(Markdown(text))


if __name__ == "__main__":
    main()
