"""``pincite chat``."""

import click
from rich.console import Console
from rich.markup import escape

from pincite.cli.ask import show_answer
from pincite.cli.explain import show_explanation
from pincite.errors import InputError
from pincite.records import Answer, Message, Question
from pincite.settings import Settings
from pincite.workspace import Workspace

_HELP = """\
/new   start a new conversation
/why   show why each passage was used or dropped for the last answer
/help  show this list
/quit  end; so does Ctrl+D"""


@click.command("chat")
@click.option(
    "--mode",
    type=click.Choice(["auto", "extractive", "llm"]),
    default="auto",
    show_default=True,
    help="How to answer: quoted sentences (extractive), or an LLM.",
)
@click.option("--language", help="Language of labels and refusals: zh, zh-Hant, en.")
@click.pass_obj
def chat_command(settings: Settings, /, mode: str, language: str | None) -> None:
    """Ask questions one after another; a follow-up may lean on those before it.

    A line that begins with a slash is a command: /new, /why, /help, /quit. Ctrl+D ends.

    \b
    Example:
      > what did the court rule?
      > and how much must they pay?
    """
    from pincite.wiring import open_workspace

    console = Console(soft_wrap=True, highlight=False)
    with open_workspace(settings) as workspace:
        workspace.warm_up()
        console.print("Ask a question; /help lists the commands, Ctrl+D ends.", style="dim")
        _Chat(workspace, console, mode, language).run()


class _Chat:
    """One conversation in the terminal."""

    def __init__(
        self, workspace: Workspace, console: Console, mode: str, language: str | None
    ) -> None:
        self._workspace = workspace
        self._console = console
        self._mode = mode
        self._language = language
        self._history: tuple[Message, ...] = ()
        self._last: Answer | None = None

    def run(self) -> None:
        """Answer line after line until there are no more."""
        commands = {"/new": self._new, "/why": self._why, "/help": self._help}
        while (line := self._line()) not in {None, "/quit"}:
            assert line is not None
            if line.startswith("/"):
                commands.get(line, self._help)()
            elif line:
                self._ask(line)

    def _line(self) -> str | None:
        try:
            return self._console.input("\n[bold]>[/] ").strip()
        except EOFError:
            self._console.print()
            return None

    def _ask(self, text: str) -> None:
        question = Question(
            text,
            self._mode,  # type: ignore[arg-type]
            language=self._language,
            explain=True,
            history=self._history,
        )
        try:
            answer = self._workspace.ask(question)
        except InputError as error:
            self._console.print(escape(str(error)), style="red")
            return
        if answer.resolved:
            self._console.print(escape(f"→ {answer.resolved}"), style="dim italic")
        show_answer(self._console, answer)
        self._last = answer
        said = (Message("user", text), Message("assistant", answer.answer))
        self._history = (*self._history, *said)

    def _new(self) -> None:
        self._history, self._last = (), None
        self._console.print("A new conversation.", style="dim")

    def _why(self) -> None:
        if self._last is None:
            self._console.print("Nothing was asked yet.", style="dim")
        else:
            show_explanation(self._console, self._last)

    def _help(self) -> None:
        self._console.print(_HELP, style="dim")
