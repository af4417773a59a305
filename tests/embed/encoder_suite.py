"""What every ``Encoder`` must do; each implementation's tests inherit it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pincite.embed.encoder import Encoder, Matrix

TEXTS = ["a court ruled", "小米汽车", "cd", "the long text about cars and phones " * 3, "b", "法院"]


class EncoderSuite:
    """Inherit, and give a fixture ``encoder``; ``tolerance`` is what a row may vary by."""

    tolerance = 0.0

    @pytest.fixture
    def encoder(self) -> Encoder:
        raise NotImplementedError

    def same(self, found: Matrix, wanted: Matrix) -> bool:
        return found.shape == wanted.shape and bool(
            np.all(np.abs(found - wanted) <= self.tolerance)
        )

    def test_rows_are_unit_float32_of_the_dimension(self, encoder: Encoder) -> None:
        for rows in (encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)):
            assert rows.dtype == np.float32
            assert rows.shape == (len(TEXTS), encoder.spec.dimension)
            assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)

    def test_no_texts_give_no_rows(self, encoder: Encoder) -> None:
        assert encoder.encode_queries([]).shape == (0, encoder.spec.dimension)
        assert encoder.encode_passages([]).shape == (0, encoder.spec.dimension)
        assert encoder.count_tokens([]) == []

    def test_order_is_kept_whatever_the_batch(self, encoder: Encoder) -> None:
        alone = np.vstack([encoder.encode_passages([text]) for text in TEXTS])
        assert self.same(encoder.encode_passages(TEXTS), alone)
        assert self.same(encoder.encode_passages(TEXTS[::-1]), alone[::-1])
        many = encoder.encode_passages(TEXTS * 30)
        assert self.same(many, np.tile(alone, (30, 1)))
        queries = np.vstack([encoder.encode_queries([text]) for text in TEXTS])
        assert self.same(encoder.encode_queries(TEXTS), queries)

    def test_different_texts_differ(self, encoder: Encoder) -> None:
        rows = encoder.encode_passages(TEXTS)
        assert np.max(rows @ rows.T - np.eye(len(TEXTS))) < 0.9999

    def test_the_same_call_gives_the_same_bits(self, encoder: Encoder) -> None:
        assert np.array_equal(encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS))

    def test_blank_texts_are_all_the_empty_text(self, encoder: Encoder) -> None:
        rows = encoder.encode_passages(["", "  ", "\n\u3000"])
        assert np.isfinite(rows).all()
        assert self.same(rows, np.tile(rows[:1], (3, 1)))

    def test_long_text_is_truncated_to_the_maximum(self, encoder: Encoder) -> None:
        longest = encoder.spec.max_length
        full, longer = "a b c d " * longest, "a b c d " * (2 * longest)
        assert encoder.count_tokens([longer])[0] > longest
        rows = encoder.encode_passages([full, longer])
        assert self.same(rows[:1], rows[1:])

    def test_tokens_add_up_without_special_tokens(self, encoder: Encoder) -> None:
        one, two, none = encoder.count_tokens(["a b", "a b a b", ""])
        assert one > 0
        assert (two, none) == (2 * one, 0)

    def test_progress_tells_every_text_once(self, encoder: Encoder) -> None:
        done: list[int] = []
        encoder.encode_passages(TEXTS * 30, done.append)
        assert sum(done) == len(TEXTS) * 30
        assert min(done) > 0

    def test_threads_may_share_it(self, encoder: Encoder) -> None:
        wanted = encoder.encode_passages(TEXTS)
        queries = encoder.encode_queries(TEXTS)

        def both(_: int) -> bool:
            counted = encoder.count_tokens(TEXTS)
            return (
                self.same(encoder.encode_passages(TEXTS), wanted)
                and self.same(encoder.encode_queries(TEXTS), queries)
                and counted == encoder.count_tokens(TEXTS)
            )

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(both, range(12)))
