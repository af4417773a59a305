"""The errors of what the server remembers, a branch of the tree in ``pincite.errors``.

StateError                    what the server remembers does not allow what was asked
├── KeyNotFoundError
├── FeedbackNotFoundError
├── AnswerUnknownError
├── ConversationNotFoundError
└── StateFullError
"""

from pincite.errors import PinciteError


class StateError(PinciteError):
    """What the server remembers does not allow what was asked."""

    code = "state_error"


class KeyNotFoundError(StateError):
    """No live key has this name or id."""

    code = "key_not_found"


class FeedbackNotFoundError(StateError):
    """No feedback has this id."""

    code = "feedback_not_found"


class AnswerUnknownError(StateError):
    """The server does not remember the answer."""

    code = "answer_unknown"


class ConversationNotFoundError(StateError):
    """The caller has no conversation of this id."""

    code = "conversation_not_found"


class StateFullError(StateError):
    """As much is kept as may be."""

    code = "state_full"
