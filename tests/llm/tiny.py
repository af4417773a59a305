"""A tiny Llama made on the spot, as transformers and as GGUF, that writes one given answer.

Its layers add nothing, so that each token decides the next: the token of the assistant's turn
gives the answer's first byte, each byte the next one, the last byte the end.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ANSWER = "因为漏[1]。"
END, SYSTEM, USER, ASSISTANT = "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"
SPECIAL = [END, SYSTEM, USER, ASSISTANT]
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    f"{TEMPLATE}"
)
POSITIONS = 512
_HIDDEN, _HEADS, _INNER = 272, 4, 16


def _byte_characters() -> list[str]:
    """The characters that stand for the bytes 0 to 255 in GPT-2's vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    names = {byte: chr(byte) for byte in shown}
    names |= {byte: chr(256 + n) for n, byte in enumerate(hidden)}
    return [names[byte] for byte in range(256)]


# The last token is there because a vocabulary without any merge is refused.
VOCABULARY = [*_byte_characters(), *SPECIAL, "ÿÿ"]


def next_tokens(answer: str, *, ends: bool, start: str = ASSISTANT) -> NDArray[np.float32]:
    """Return a head, shape (vocabulary, hidden): row j, column i is 1 where j follows i."""
    path = [VOCABULARY.index(start) if start in SPECIAL else ord(start), *answer.encode()]
    assert len(set(path)) == len(path), "each byte of the answer may be there once"
    head = np.zeros((len(VOCABULARY), _HIDDEN), np.float32)
    for now, following in zip(path, [*path[1:], 256 if ends else path[1]], strict=True):
        head[following, now] = 1
    return head


def embeddings() -> NDArray[np.float32]:
    return np.eye(len(VOCABULARY), _HIDDEN, dtype=np.float32)


def save_model(
    folder: Path,
    answer: str = ANSWER,
    *,
    ends: bool = True,
    start: str = ASSISTANT,
    template: str | None = TEMPLATE,
    pickled: bool = False,
) -> Path:
    """Save the model as ``transformers`` does; without ``ends`` it writes the answer for ever.

    ``start`` is the token after which it begins: the last one of the prompt.
    """
    import torch
    from tokenizers import Tokenizer
    from tokenizers.decoders import ByteLevel as Decoder
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    config = LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=_HIDDEN,
        intermediate_size=_INNER,
        num_hidden_layers=1,
        num_attention_heads=_HEADS,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=256,
        pad_token_id=256,
    )
    model: Any = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.fill_(1.0 if "norm" in name else 0.0)
        model.model.embed_tokens.weight.copy_(torch.from_numpy(embeddings()))
        model.lm_head.weight.copy_(torch.from_numpy(next_tokens(answer, ends=ends, start=start)))
    model.save_pretrained(folder)
    if pickled:
        (folder / "model.safetensors").unlink()
        torch.save({}, folder / "pytorch_model.bin")
    tokenizer = Tokenizer(BPE({t: i for i, t in enumerate(VOCABULARY)}, [("ÿ", "ÿ")]))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = Decoder()
    fast: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=END,
        extra_special_tokens=[SYSTEM, USER, ASSISTANT],
        model_max_length=POSITIONS,
    )
    fast.chat_template = template
    fast.save_pretrained(folder)
    return folder


def save_gguf(path: Path, answer: str = ANSWER, *, ends: bool = True) -> Path:
    """Save the same model as llama.cpp reads it."""
    from gguf import GGUFWriter, TokenType

    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(_HIDDEN)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_HIDDEN // _HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(len(VOCABULARY))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(VOCABULARY)
    writer.add_token_types(
        [TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL for token in VOCABULARY]
    )
    writer.add_token_merges(["ÿ ÿ"])
    writer.add_eos_token_id(256)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    square, inner = np.zeros((_HIDDEN, _HIDDEN), np.float32), (_INNER, _HIDDEN)
    ones = np.ones(_HIDDEN, np.float32)
    tensors = {
        "token_embd": embeddings(),
        "output": next_tokens(answer, ends=ends),
        "output_norm": ones,
        "blk.0.attn_norm": ones,
        "blk.0.ffn_norm": ones,
        **{f"blk.0.attn_{name}": square for name in ("q", "k", "v", "output")},
        "blk.0.ffn_gate": np.zeros(inner, np.float32),
        "blk.0.ffn_up": np.zeros(inner, np.float32),
        "blk.0.ffn_down": np.zeros(inner[::-1], np.float32),
    }
    for name, weights in tensors.items():
        writer.add_tensor(f"{name}.weight", weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
