"""The last answers, so that a rating needs to name only the answer's id."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from pincite.records import Answer
from pincite.serve.access.callers import Caller

MOST_ANSWERS = 1_000


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer."""

    question: str
    answer: Answer


class RecentAnswers:
    """The last answers of this process, each for whoever got it.

    Safe to use from several threads.
    """

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._answers: OrderedDict[tuple[str, str], Answered] = OrderedDict()
        self._lock = Lock()

    def keep(self, caller: Caller, question: str, answer: Answer) -> None:
        """Remember what a caller was answered."""
        place = (caller.id, answer.id)
        with self._lock:
            self._answers[place] = Answered(question, answer)
            self._answers.move_to_end(place)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def find(self, caller: Caller, answer_id: str) -> Answered | None:
        """Return what a caller was answered, if it is remembered; never what another was."""
        with self._lock:
            return self._answers.get((caller.id, answer_id))
