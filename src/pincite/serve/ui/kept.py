"""The callers' conversations: kept as they go on, and shown again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pincite.records import Answer, Message, Question
from pincite.serve.ui.conversation import Turn, history
from pincite.serve.ui.panel import excerpts
from pincite.serve.ui.why import passage_notes
from pincite.state.conversations import Conversation, Conversations

if TYPE_CHECKING:
    from pincite.workspace import Workspace


def with_answer(turn: Turn, answer: Answer, workspace: "Workspace") -> Turn:
    """Return a turn with its answer, the passages in their context and why they were chosen."""
    return replace(
        turn,
        answer=answer,
        excerpts=tuple(excerpts(answer, workspace.document)),
        notes=passage_notes(answer, workspace.passages),
    )


class Kept:
    """The conversations of all callers; every call names the owner, as those it passes on to do."""

    def __init__(self, conversations: Conversations, workspace: "Workspace") -> None:
        self._conversations = conversations
        self._workspace = workspace

    def before(self, owner: str, conversation_id: str) -> tuple[Message, ...]:
        """Return what was said so far, as messages; nothing of a conversation not begun yet.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
        """
        if not conversation_id:
            return ()
        turns = self._conversations.get(owner, conversation_id).turns
        return history(
            [
                Turn(place, turn.question.text, "en", answer=turn.answer)
                for place, turn in enumerate(turns, 1)
            ]
        )

    def add(self, owner: str, conversation_id: str, question: Question, answer: Answer) -> str:
        """Keep a turn, the first of a conversation under the question as its title.

        Returns:
            The conversation's id.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
            StateFullError: If as much is kept as may be.
        """
        if not conversation_id:
            conversation_id = self._conversations.create(owner, question.text).id
        self._conversations.append(owner, conversation_id, question, answer)
        return conversation_id

    def get(self, owner: str, conversation_id: str) -> Conversation:
        """Read a conversation.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
        """
        return self._conversations.get(owner, conversation_id)

    def turns(self, conversation: Conversation, tag: str) -> list[Turn]:
        """Return a conversation's turns as the page shows them, in the interface's language."""
        return [
            with_answer(
                Turn(place, turn.question.text, tag, filters=turn.question.filters),
                turn.answer,
                self._workspace,
            )
            for place, turn in enumerate(conversation.turns, 1)
        ]
