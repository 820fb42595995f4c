"""What the embeddings endpoint is asked, and what becomes of what it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.aside import run_aside
from tests.llm.embedding_server import EmbeddingServer, embedding_server

from postcall.errors import ModelError, ModelRejectedRequest, ModelReplyUnusable, ModelUnavailable
from postcall.llm.embeddings import AT_ONCE, EmbeddingClient


@pytest.fixture
def endpoint() -> Iterator[EmbeddingServer]:
    with embedding_server() as running:
        yield running


def ask(endpoint: EmbeddingServer, *texts: str) -> list[list[float] | None]:
    async def asking() -> list[list[float] | None]:
        client = EmbeddingClient(endpoint.settings())
        try:
            return await client.embed(texts)
        finally:
            await client.close()

    return run_aside(asking())


def test_many_texts_are_asked_together_and_come_back_in_their_order(endpoint: EmbeddingServer) -> None:
    texts = [f"{'pizza ' * (number % 7)}number {number}" for number in range(AT_ONCE * 2 + 5)]
    vectors = ask(endpoint, *texts)
    assert [vector[2] for vector in vectors if vector] == [0.01 + number % 7 for number in range(len(texts))]
    assert sorted(len(asked) for asked in endpoint.asked) == [5, AT_ONCE, AT_ONCE]


def test_one_text_that_is_refused_costs_only_itself(endpoint: EmbeddingServer) -> None:
    endpoint.refuses = "unspeakable"
    first, second, third = ask(endpoint, "a train", "an unspeakable thing", "a pizza")
    assert first is not None
    assert second is None
    assert third is not None


def test_an_endpoint_that_refuses_everything_is_an_error(endpoint: EmbeddingServer) -> None:
    endpoint.refuses = "a"
    with pytest.raises(ModelRejectedRequest, match="not acceptable"):
        ask(endpoint, "a train", "a pizza")


def test_an_endpoint_that_is_out_of_order_says_so_and_can_be_asked_again(endpoint: EmbeddingServer) -> None:
    endpoint.fails = True
    with pytest.raises(ModelUnavailable, match="out of order") as raised:
        ask(endpoint, "a train")
    assert raised.value.retry


def test_a_reply_without_vectors_is_an_error(endpoint: EmbeddingServer) -> None:
    endpoint.size = 0
    with pytest.raises(ModelReplyUnusable):
        ask(endpoint, "a train")


def test_nobody_at_home_is_told_by_the_names_of_these_settings(endpoint: EmbeddingServer) -> None:
    endpoint.address = "http://127.0.0.1:1"
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:1"):
        ask(endpoint, "a train")


def test_half_of_a_pair_can_be_asked_about(endpoint: EmbeddingServer) -> None:
    [vector] = ask(endpoint, "pizza \ud83c")
    assert vector is not None
    assert vector[2] == 1.01
