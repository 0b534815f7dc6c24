"""The installation's own short forms work the moment they are saved, and no longer than they stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

SignedIn = Callable[[str], FlaskClient]


def titles(client: FlaskClient, q: str) -> list[str]:
    return [item["title"] for item in client.get("/api/v1/search", query_string={"q": q}).json["items"]]


@pytest.fixture
def keeper(signed_in: SignedIn) -> FlaskClient:
    return signed_in("thuvien")


def test_a_word_works_at_once_and_goes_at_once(client: FlaskClient, keeper: FlaskClient, lesson: Any) -> None:
    lesson("Phương trình đường thẳng trong không gian")
    assert titles(client, "pttq kg") == []
    saved = keeper.post("/search/words", data={"form": "PTTQ", "means": "phương trình đường thẳng", "both": ""})
    assert saved.status_code == 303
    assert titles(client, "pttq") == ["Phương trình đường thẳng trong không gian"]
    page = keeper.get("/search/words").text
    assert "PTTQ" in page and "một chiều" in page
    keeper.post("/search/words", data={"form": "pttq", "means": "hàm số, đạo hàm", "both": "1"})
    assert titles(client, "pttq") == []
    lesson("Đạo hàm cấp hai")
    assert titles(client, "pttq") == ["Đạo hàm cấp hai"]
    place = keeper.get("/search/words").text.partition("/drop")[0].rpartition('"')[2]
    assert keeper.post(f"{place}/drop").status_code == 303
    assert titles(client, "pttq") == []


def test_both_ways(client: FlaskClient, keeper: FlaskClient, lesson: Any) -> None:
    lesson("Ôn thi ĐGTDX năm nay")
    keeper.post("/search/words", data={"form": "đgtdx", "means": "đánh giá tư duy mới", "both": "1"})
    assert titles(client, "đánh giá tư duy mới") == ["Ôn thi ĐGTDX năm nay"]


@pytest.mark.parametrize(
    ("form", "means", "field"),
    [("", "x", "form"), ("một hai ba bốn năm sáu", "x", "form"), ("a", "", "means"), ("bđt", "BĐT", "means"),
     ("a", ",".join("abcdefghij"), "means"), ("..", "x", "form")],
)  # fmt: skip
def test_what_is_refused_is_said_and_kept_in_the_form(keeper: FlaskClient, form: str, means: str, field: str) -> None:
    answer = keeper.post("/search/words", data={"form": form, "means": means})
    assert answer.status_code == 422
    assert f'id="f-{field}"' in answer.text and "aria-invalid" in answer.text


def test_only_keepers(signed_in: SignedIn, client: FlaskClient) -> None:
    for login in ("giaovien", "hocsinh", "doitac"):
        assert signed_in(login).get("/search/words").status_code == 403
        assert signed_in(login).post("/search/words", data={"form": "a", "means": "b"}).status_code == 403
    assert client.get("/search/words").status_code == 302
