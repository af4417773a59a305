"""Any causal language model of ``transformers``, in this process. Needs the extra "models"."""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from pincite.embed.sentence_transformer import (
    LOADING_ERRORS,
    local_folder,
    pick_device,
    refuse_pickles,
)
from pincite.errors import (
    CancelledError,
    EncoderError,
    LLMError,
    LLMIncompleteError,
    LLMOverloadedError,
    LLMProtocolError,
    LLMRefusedError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from pincite.llm.model import Limits
from pincite.llm.thoughts import THINK, Thoughts
from pincite.records import Message

# The extra's absence was told by the import above.
import torch  # isort: skip
from jinja2 import TemplateError  # isort: skip
from transformers import (  # isort: skip
    AutoModelForCausalLM,
    AutoTokenizer,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)
from transformers.utils.logging import disable_progress_bar  # isort: skip

_POLL = 0.1


class TransformersModel:
    """A causal model run here, one continuation at a time; others wait for their turn.

    Of the limits in seconds only ``total_seconds`` applies, the wait for the turn included.
    Weights are read from safetensors only; code in the model's repository is never run. Where the
    tokenizer has no chat template, the messages are written out with their roles.
    """

    def __init__(
        self,
        name_or_path: str,
        *,
        revision: str | None = None,
        device: str = "auto",
        threads: int = 0,
        limits: Limits | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Load a model, which takes seconds.

        Args:
            name_or_path: A folder, or a model's name on the Hugging Face Hub.
            revision: Commit, tag or branch of a named model.
            device: "auto" (cuda, else mps, else cpu) or a PyTorch device.
            threads: CPU threads; 0 leaves PyTorch's own number.
            limits: Tokens and seconds; the model's own context bounds ``context_tokens``.
            extra: Further variables of the chat template.

        Raises:
            LLMUnreachableError: If the model cannot be found or loaded, or has no safetensors
                weights.
        """
        self._name = name_or_path
        self._threads = threads or torch.get_num_threads()
        self._limits = limits or Limits()
        self._extra = dict(extra or {})
        self._busy = threading.Lock()
        self._tokenizing = threading.Lock()
        self._tokenizer, self._model = _load(name_or_path, revision, device)
        positions = getattr(self._model.config, "max_position_embeddings", None)
        self._context = min(self._limits.context_tokens, positions or self._limits.context_tokens)
        self._system_refused = self._refuses_system()

    @property
    def name(self) -> str:
        """The model's name or folder."""
        return self._name

    @property
    def context_tokens(self) -> int:
        """The most tokens that prompt and continuation may have together."""
        return self._context

    @property
    def max_tokens(self) -> int:
        """The most tokens that one continuation has."""
        return self._limits.max_tokens

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens by the model's tokenizer."""
        with self._tokenizing:
            found = self._tokenizer(text, add_special_tokens=False, verbose=False)
        return len(found["input_ids"])

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the continuation's text piece by piece; see ``LanguageModel.stream``."""
        deadline = monotonic() + self._limits.total_seconds
        prompt = self._written(messages)
        # A chat template writes the special tokens itself.
        bare = not self._tokenizer.chat_template
        with self._tokenizing:
            inputs = self._tokenizer(prompt, add_special_tokens=bare, return_tensors="pt")
        length = inputs["input_ids"].shape[1]
        room = min(self._limits.max_tokens, self._context - length)
        if room < 1:
            raise LLMRefusedError(
                f"the prompt has {length} tokens, and the model {self._name} takes"
                f" {self._context} with its answer: ask with fewer passages (top_k)"
            )
        thoughts = Thoughts(thinking=prompt.rstrip().endswith(THINK))
        self._await_turn(deadline, cancel)
        run = _Run(self._tokenizer)
        worker = threading.Thread(target=self._generate, args=(inputs, room, run), daemon=True)
        worker.start()
        try:
            for piece in run.pieces(cancel, deadline):
                yield thoughts.feed(piece)
        finally:
            # Who cancels does not wait for the step that is being computed.
            run.stop.set()
        worker.join()
        self._check_end(run, length, room)
        yield thoughts.finish()

    def check(self) -> str:
        """Tell that the model is loaded."""
        return f"{self._name} is loaded on {self._model.device}"

    def close(self) -> None:
        """Forget the model, so that its memory is free."""
        with self._busy:
            del self._model

    def _await_turn(self, deadline: float, cancel: threading.Event | None) -> None:
        while not self._busy.acquire(timeout=_POLL):
            _refuse_cancelled(cancel)
            if monotonic() > deadline:
                raise LLMOverloadedError(
                    f"the model {self._name} was busy with other questions for"
                    f" {self._limits.total_seconds:g} s"
                )

    def _generate(self, inputs: Any, room: int, run: "_Run") -> None:
        """Generate on a thread of its own, and let the next question have its turn."""
        heat = self._limits.temperature
        # Greedy generation warns of options of sampling, which a model's own settings may have.
        sampling: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None}
        if heat > 0:
            sampling = {"do_sample": True, "temperature": heat}
        torch.set_num_threads(self._threads)
        try:
            run.tokens = self._model.generate(
                **inputs.to(self._model.device),
                **sampling,
                max_new_tokens=room,
                streamer=run.streamer,
                stopping_criteria=StoppingCriteriaList([run]),
            )[0].tolist()
        except (RuntimeError, ValueError, LookupError, TypeError) as exc:
            run.error = LLMOverloadedError(f"the model {self._name} failed: {exc}")
            run.error.__cause__ = exc
        finally:
            self._busy.release()
            run.streamer.end()  # type: ignore[no-untyped-call]

    def _check_end(self, run: "_Run", length: int, room: int) -> None:
        if run.error:
            raise run.error
        ends = self._model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        if len(run.tokens) - length >= room and run.tokens[-1] not in ends:
            raise LLMIncompleteError(
                f"the model's answer was cut off at {room} tokens, thoughts included: set"
                " PINCITE_LLM_MAX_TOKENS higher, or switch its thinking off (docs/llm.md)"
            )

    def _written(self, messages: Sequence[Message]) -> str:
        if not self._tokenizer.chat_template:
            lines = [f"{message.role.capitalize()}: {message.content}" for message in messages]
            return "\n\n".join([*lines, "Assistant:"])
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if self._system_refused and len(turns) > 1 and turns[0]["role"] == "system":
            rules = turns.pop(0)["content"]
            turns[0]["content"] = f"{rules}\n\n{turns[0]['content']}"
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=True, **self._extra
                )
            )
        except TemplateError as exc:
            raise LLMProtocolError(
                f"the chat template of {self._name} does not take the prompt: {exc}"
            ) from exc

    def _refuses_system(self) -> bool:
        """Tell whether the chat template has no place for a system message."""
        trial = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
        if not self._tokenizer.chat_template:
            return False
        try:
            self._tokenizer.apply_chat_template(trial, tokenize=False)
        except TemplateError:
            return True
        return False


class _Run(StoppingCriteria):
    """One continuation: its streamer, and what ends it early."""

    def __init__(self, tokenizer: Any) -> None:
        self.stop = threading.Event()
        self.error: LLMError | None = None
        self.tokens: list[int] = []
        self.streamer = TextIteratorStreamer(
            tokenizer, skip_prompt=True, timeout=_POLL, skip_special_tokens=True
        )

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        return torch.full((input_ids.shape[0],), self.stop.is_set(), device=input_ids.device)

    def pieces(self, cancel: threading.Event | None, deadline: float) -> Iterator[str]:
        while True:
            _refuse_cancelled(cancel)
            if monotonic() > deadline:
                raise LLMTimeoutError(
                    "the model did not end its answer in time: use a smaller model, or set"
                    " PINCITE_LLM_TOTAL_SECONDS higher"
                )
            try:
                yield next(self.streamer)
            except queue.Empty:
                continue
            except StopIteration:
                return


def _refuse_cancelled(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise CancelledError("the answer is no longer wanted")


def _load(name: str, revision: str | None, device: str) -> tuple[Any, Any]:
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        local = local_folder(name)
        if local:
            refuse_pickles(local)
        where = str(Path(name).expanduser()) if local else name
        tokenizer = AutoTokenizer.from_pretrained(where, revision=revision, trust_remote_code=False)
        model: Any = AutoModelForCausalLM.from_pretrained(
            where,
            revision=revision,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="auto",
        )
        return tokenizer, model.to(pick_device(device)).eval()
    except EncoderError as exc:
        raise LLMUnreachableError(str(exc)) from exc
    except LOADING_ERRORS as exc:
        reason = str(exc).strip().splitlines()
        raise LLMUnreachableError(
            f"the language model {name} could not be loaded on {device}:"
            f" {reason[0] if reason else type(exc).__name__}. If it cannot be downloaded here, set"
            " PINCITE_LLM_MODEL to the folder it was saved to; its weights must be safetensors and"
            " it must need no code of its own"
        ) from exc
