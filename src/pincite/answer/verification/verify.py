"""Whether retrieved sentences support a statement, and which of them do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pincite.answer.confidence.support import probability
from pincite.answer.verification.comparison import WITHIN
from pincite.answer.verification.facts import says_something, stated
from pincite.answer.verification.grounds import Grounds, Said, Sentences, literal
from pincite.answer.verification.statement_model import StatementModel
from pincite.embed.encoder import Encoder, Matrix
from pincite.records import Hit, Span

# Support of what a rule excludes.
_EXCLUDED = 0.01
MOST_ABSENT = 0.5
ABSENT = WITHIN.index("absent")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well a statement is supported, and by which sentences.

    ``evidence`` are the fewest sentences found that support it, in the order of their passages as
    retrieved; of an unsupported statement the best that there are, so that it can be told why.
    """

    support: float
    supported: bool
    evidence: tuple[tuple[Hit, Span], ...]


_NOTHING = Verdict(0.0, False, ())


class Verifier:
    """Judges statements by the passages retrieved for one question."""

    def __init__(
        self,
        model: StatementModel,
        encoder: Encoder,
        hits: Sequence[Hit],
        vectors: Mapping[int, Matrix],
    ) -> None:
        """Take the passages that the LLM was shown.

        Args:
            model: The model of support.
            encoder: The library's encoder.
            hits: The passages; the number in a marker is the place in here, from 1.
            vectors: For each passage id its sentences' vectors, as ``Library.sentence_vectors``
                gives them; sentences of passages that it leaves out are encoded.
        """
        self._model = model
        self._encoder = encoder
        self._sentences = Sentences(hits, vectors, encoder)

    def verify(self, statement: str, cited: Sequence[int] = ()) -> Verdict:
        """Look for the sentences that support a statement.

        First in the passages that it cites; if they do not support it, in all.

        Args:
            statement: One sentence, without markers.
            cited: Numbers of passages; those that there are not are left out.
        """
        statement = stated(statement)
        pools = (self._sentences.of(cited), self._sentences.all)
        for pool in pools:
            if found := literal(statement, pool):
                return Verdict(1.0, True, ((found.hit, found.span),))
        said = Said(statement, self._encoder)
        if not says_something(said.facts):
            return _NOTHING
        best = _NOTHING
        for pool in pools:
            grounds = self._sentences.grounds(said, pool)
            best = max(best, self._judge(said.facts.language, grounds), key=_better)
            if best.supported:
                break
        return best

    def _judge(self, language: str, grounds: Iterator[Grounds]) -> Verdict:
        """Return what the best of the smallest grounds that suffice say, or else the best."""
        best, size = _NOTHING, 1
        for ground in grounds:
            if len(ground.sentences) > size:
                if best.supported:
                    break
                size = len(ground.sentences)
            best = max(best, self._verdict(language, ground), key=_better)
        return best

    def _verdict(self, language: str, ground: Grounds) -> Verdict:
        scale = self._model.between if ground.between else self._model.within
        support = probability(scale.logistic.log_odds(ground.features))
        excluded = ground.excluded or is_strange(ground)
        support = min(support, _EXCLUDED) if excluded else support
        ordered = sorted(ground.sentences, key=lambda s: (s.number, s.span.start))
        evidence = tuple((s.hit, s.span) for s in ordered)
        return Verdict(support, support >= scale.threshold(language), evidence)


def is_strange(ground: Grounds) -> bool:
    """Tell whether sentences of its language lack half of a statement's terms.

    The models are fitted without this rule, which is for short statements: of two terms one is
    soon there.
    """
    return not ground.between and bool(ground.features[ABSENT] >= MOST_ABSENT)


def _better(verdict: Verdict) -> tuple[bool, float]:
    return verdict.supported, verdict.support
