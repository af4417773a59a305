"""Single-character folding as a `Precompiled` normalizer inside tokenizer.json.

The folding makes traditional and simplified Chinese, full-width and half-width
Latin, the same text before the vocabulary is looked up, so that the model folder
needs no Python pre-processing. It never touches a character that English uses.

Source:
    SentencePiece, normalization rules (doc/normalization.md); OpenCC, TSCharacters.
"""

import io
import tempfile
import unicodedata
from base64 import b64encode
from pathlib import Path

import sentencepiece
from opencc import OpenCC
from sentencepiece import sentencepiece_model_pb2

_HAN = (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0x20000, 0x32000))
_COMPATIBILITY = (*range(0x2E80, 0x2FD6), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
# Chinese full stop, enumeration comma and corner quotes have exact counterparts
# among the characters that the base model knows well.
_PUNCTUATION = {"\u3000": " ", "。": ".", "、": ",", "「": "“", "」": "”", "『": "“", "』": "”"}
# Traditional text writes these where simplified text writes the second; OpenCC decides
# by the phrase, which a table of single characters cannot, so both become one.
_AMBIGUOUS = dict(zip("著瞭覆藉彷揹甦伕暱", "着了复借仿背苏夫昵", strict=True))


def folding_rules() -> dict[str, str]:
    """Return character → replacement for every character that is folded."""
    # Taiwan and Hong Kong variants first become standard traditional characters.
    variants = [OpenCC(name) for name in ("tw2t", "hk2t", "s2t")]
    simplify = OpenCC("t2s")

    def folded(character: str) -> str:
        result: str = simplify.convert(unicodedata.normalize("NFKC", character))
        if result == "么":  # otherwise taken for a variant of the rare 幺
            return result
        for variant in variants:
            result = simplify.convert(variant.convert(result))
        return _AMBIGUOUS.get(result, result)

    rules = dict(_PUNCTUATION)
    for code in range(0xFF01, 0xFF5F):
        rules[chr(code)] = chr(code - 0xFEE0)
    for code in (*_HAN, *_COMPATIBILITY):
        character = chr(code)
        if len(folded(character)) == 1 and folded(character) != character:
            rules[character] = folded(character)
    return rules


def precompiled_charsmap(rules: dict[str, str]) -> str:
    """Compile folding rules with SentencePiece; return the map in base 64."""

    def code_points(text: str) -> str:
        return " ".join(f"{ord(character):X}" for character in text)

    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "rules.tsv")
        lines = [f"{code_points(k)}\t{code_points(v)}\n" for k, v in sorted(rules.items())]
        table.write_text("".join(lines), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["only the normalization rules are wanted"]),
            model_writer=model,
            model_type="char",
            vocab_size=64,
            hard_vocab_limit=False,
            normalization_rule_tsv=str(table),
            minloglevel=2,
        )
    parsed = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    parsed.ParseFromString(model.getvalue())
    return b64encode(parsed.normalizer_spec.precompiled_charsmap).decode("ascii")
