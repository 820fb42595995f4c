"""Secrets are taken out of whatever they were written into, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import time
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import Json
from postcall.runtime.redaction import Redactor

TOKEN = "s3cr3t/+ü\"x'&y"
WRITTEN = [
    TOKEN,
    f"Bearer {TOKEN}, he said",
    json.dumps({"token": TOKEN}),
    json.dumps({"token": TOKEN}, ensure_ascii=False),
    json.dumps({"body": json.dumps({"token": TOKEN})}),
    repr({"token": TOKEN}),
    quote(TOKEN),
    quote(TOKEN, safe=""),
    re.sub("%..", lambda escape: escape.group().lower(), quote(TOKEN, safe="")),
    "/token?" + urlencode({"token": TOKEN}),
    html.escape(TOKEN),
    base64.b64encode(TOKEN.encode()).decode(),
    base64.urlsafe_b64encode(TOKEN.encode()).decode(),
]


def knowing(**values: object) -> Redactor:
    redactor = Redactor()
    for name, value in values.items():
        redactor.learn(name, value)  # type: ignore[arg-type]
    return redactor


@pytest.mark.parametrize("written", WRITTEN)
def test_a_secret_is_found_however_it_was_written(written: str) -> None:
    shown = knowing(TOKEN=TOKEN).text(written)
    assert "[secret TOKEN]" in shown
    assert "s3cr3t" not in shown and "x%27" not in shown


@pytest.mark.parametrize("user", ["", "b", "bo", "bob", "a longer user"])
def test_a_password_is_found_in_a_header_of_basic_authentication(user: str) -> None:
    header = "Basic " + base64.b64encode(f"{user}:correct horse:realm".encode()).decode()
    shown = knowing(PASSWORD="correct horse").text(header)
    assert "[secret PASSWORD]" in shown
    rest = shown.removeprefix("Basic ").replace("[secret PASSWORD]", "")
    assert len(rest) <= len(base64.b64encode(f"{user}::realm".encode())) + 4, "no more than the ends is left"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    redactor = knowing(TOKEN=TOKEN)
    assert redactor.text("nothing to hide: 100 %") == "nothing to hide: 100 %"
    assert Redactor().text(TOKEN) == TOKEN
    kept: Json = {"a": [1, 2.5, None, True, "x"]}
    assert redactor.json(kept) is kept


def test_every_text_of_an_object_is_hidden_and_its_numbers_stay() -> None:
    redactor = knowing(ACCOUNT={"user": "desk-user", "nested": [{"password": "hunter22"}], "port": 8080})
    assert redactor.text("desk-user:hunter22@host:8080") == "[secret ACCOUNT]:[secret ACCOUNT]@host:8080"


def test_json_is_redacted_in_values_names_and_numbers() -> None:
    redactor = knowing(PIN="84629175", KEY="abcd-efgh")
    shown = redactor.json({"abcd-efgh": ["x abcd-efgh", 84629175, 7, True, None], "n": 1.5})
    assert shown == {"[secret KEY]": ["x [secret KEY]", "[secret PIN]", 7, True, None], "n": 1.5}


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    redactor = knowing(SHORT="horse", LONG="correct horse battery")
    assert redactor.text("correct horse battery") == "[secret LONG]"
    assert redactor.text("a horse") == "a [secret SHORT]"
    overlapping = knowing(A="abcdef", B="defghi").text("abcdefghi")
    assert overlapping in {"[secret A]", "[secret B]"}


def test_the_lines_of_a_private_key_are_hidden_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n"
    redactor = knowing(KEY=key)
    assert "MIIE" not in redactor.text(f"key: {key.strip()}")
    assert redactor.text("line MIIEvQIBADANBgkqhkiG9w0B!") == "line [secret KEY]!"
    assert "AQEF" not in redactor.text(key.replace("\n", "\r\n"))


def test_a_value_too_short_to_hide_is_told_of_without_being_repeated() -> None:
    redactor = Redactor()
    warning = redactor.learn("PIN", "x7")
    assert warning is not None and "PIN" in warning and "x7" not in warning
    assert redactor.text("x7 is everywhere") == "x7 is everywhere"
    assert redactor.learn("PIN4", "x7y8") is None
    assert redactor.learn("MIXED", {"id": "ab", "key": "long enough"}) is not None
    assert redactor.text("long enough") == "[secret MIXED]"


def test_redacting_twice_changes_nothing_more() -> None:
    for name, value in (("TOKEN", "secret"), ("secret", "TOKEN"), ("A", "[secret A]"), ("B", "hidden")):
        redactor = knowing(**{name: value})
        once = redactor.text(f"it is {value}.")
        assert value not in once
        assert redactor.text(once) == once


@given(
    secret=st.text(min_size=4, max_size=40).filter(lambda text: text.strip() == text and len(text.strip()) >= 4),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
)
def test_no_secret_outlives_any_text(secret: str, before: str, after: str) -> None:
    redactor = knowing(S=secret)
    for written in (secret, json.dumps(secret)[1:-1], quote_plus(secret.encode("utf-8", "surrogatepass"))):
        shown = redactor.text(before + written + after)
        assert secret not in shown or secret in before + after or secret in "[secret S]"
        assert "[" in shown


@given(text=st.text(alphabet="ab", max_size=60), secret=st.text(alphabet="ab", min_size=4, max_size=8))
def test_where_secrets_overlap_themselves_nothing_is_lost_around_them(text: str, secret: str) -> None:
    shown = knowing(S=secret).text(text)
    assert secret not in shown
    first = text.find(secret)
    assert shown.startswith(text[:first] + "[secret S]" if first >= 0 else text)


def test_the_time_grows_with_the_text_and_not_faster() -> None:
    redactor = knowing(S="a" * 20_000)
    text = ("a" * 19_999 + "b") * 200  # four million characters that begin like the secret again and again
    began = time.perf_counter()
    assert redactor.text(text) == text
    assert time.perf_counter() - began < 2.0


def test_learning_and_hiding_at_once_do_not_disturb_each_other() -> None:
    redactor = knowing(FIRST="the first one")
    failures: list[str] = []

    def hide() -> None:
        for _ in range(300):
            shown = redactor.text("x the first one y")
            if shown != "x [secret FIRST] y":
                failures.append(shown)

    threads = [threading.Thread(target=hide) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(100):
        redactor.learn(f"N{number}", f"value number {number}")
    for thread in threads:
        thread.join()
    assert failures == []
