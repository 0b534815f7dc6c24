"""The search page: every state has an address, all of it works without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.discovery.pages import marked_html, read_state

SignedIn = Callable[[str], FlaskClient]


def page(client: FlaskClient, address: str) -> lxml.html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return lxml.html.fromstring(answer.text)


def hits(tree: lxml.html.HtmlElement) -> list[str]:
    return [one.text_content().strip() for one in tree.xpath('//*[@class="kc-hits"]//h3')]


def test_hits_show_what_matched(client: FlaskClient, lesson: Any) -> None:
    lesson("Cực trị của hàm số <b>", description="Ba tình huống với hàm số & đồ thị.", by="giaovien2")
    tree = page(client, "/search?q=ham+so")
    assert hits(tree) == ["Cực trị của hàm số <b>"]
    assert [one.text for one in tree.xpath('//*[@class="kc-hits"]//mark')] == ["hàm số", "hàm số"]
    meta = tree.xpath('//*[@class="kc-hits"]//*[@class="meta"]')[0].text_content()
    assert "Kế hoạch bài dạy" in meta
    assert "Cần Thơ" in meta
    assert "CC BY-SA" in meta
    assert "1 kết quả cho “ham so”" in tree.text_content()


def test_filters_work_as_a_plain_form(client: FlaskClient, lesson: Any) -> None:
    lesson("Bài Toán", grades=[12])
    lesson("Bài Văn", subject="NGUVAN", grades=[10])
    tree = page(client, "/search?q=bai&subject=TOAN")
    assert hits(tree) == ["Bài Toán"]
    boxes = {one.get("value"): one for one in tree.xpath('//input[@name="subject"][@type="checkbox"]')}
    assert set(boxes) == {"TOAN", "NGUVAN"}
    assert boxes["TOAN"].get("checked") is not None
    assert boxes["NGUVAN"].get("checked") is None
    assert {one.get("form") for one in boxes.values()} == {"loc"}
    assert tree.xpath('//form[@id="loc"]')[0].get("method") == "get"
    chip = tree.xpath('//a[@class="kc-chip on"]')[0]
    assert chip.text_content().strip().startswith("Toán")
    assert chip.get("href") == "/search?q=bai"
    assert hits(page(client, "/search?q=bai&subject=TOAN&subject=NGUVAN&sort=title")) == ["Bài Toán", "Bài Văn"]


def test_the_drawer_opens_by_address(client: FlaskClient, lesson: Any) -> None:
    lesson("Bài Toán")
    tree = page(client, "/search?q=bai")
    assert "open" not in tree.xpath("//aside")[0].get("class").split()
    link = tree.xpath("//a[@data-drawer]")[0].get("href")
    tree = page(client, link)
    assert "open" in tree.xpath("//aside")[0].get("class").split()


def test_kinds_of_results_are_for_staff(client: FlaskClient, signed_in: SignedIn, lesson: Any, question: Any) -> None:
    lesson("Bài Toán")
    question("Bài nào có $x^2$?")
    assert page(client, "/search").xpath('//nav[@aria-label="Loại kết quả"]') == []
    teacher = signed_in("giaovien")
    tree = page(teacher, "/search?q=bai")
    chips = [one.text_content().split() for one in tree.xpath('//nav[@aria-label="Loại kết quả"]//a')]
    assert chips == [["Tất", "cả", "2"], ["Học", "liệu", "1"], ["Câu", "hỏi", "1"]]
    tree = page(teacher, "/search?q=bai&type=question")
    assert len(hits(tree)) == 1
    assert tree.xpath('//*[@class="kc-hits"]//h3//*[@class="katex"]')
    assert [one.text for one in tree.xpath('//*[@class="kc-hits"]//h3//mark')] == ["Bài"]


def test_pages_link_on(client: FlaskClient, lesson: Any) -> None:
    for n in range(21):
        lesson(f"Bài số {n}")
    tree = page(client, "/search?q=bai&grade=12")
    assert len(hits(tree)) == 20
    following = tree.xpath('//a[@rel="next"]')[0].get("href")
    assert parse_qs(urlsplit(following).query) == {"q": ["bai"], "grade": ["12"], "page": ["2"]}
    assert len(hits(page(client, following))) == 1
    assert "Trang này không có kết quả" in page(client, "/search?q=bai&page=9").text_content()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/search", "Kho chưa có học liệu"),
        ("/search?q=kho+ng+co", "Chưa tìm thấy gì cho “kho ng co”"),
        ("/search?subject=TOAN", "Không có kết quả với các bộ lọc này"),
    ],
)
def test_nothing_found_says_what_to_do(client: FlaskClient, address: str, said: str) -> None:
    assert said in page(client, address).text_content()


def test_addresses_typed_by_hand(client: FlaskClient) -> None:
    for address in (
        "/search?page=x", "/search?page=-3", "/search?page=99999999", "/search?sort=x", "/search?type=x",
        "/search?grade=x&grade=%00", "/search?q=" + "a" * 3000, "/search?subject=" + "T," * 500, "/search?page=²",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address


def test_a_state_and_its_address_are_one() -> None:
    asked = MultiDict(
        [("q", "hàm số & 1"), ("licence", "CC BY-SA"), ("grade", "10,11"), ("sort", "newest"), ("page", "3")]
    )
    state = read_state(asked)
    again = read_state(MultiDict([(k, v) for k, vs in parse_qs(urlsplit(state.url()).query).items() for v in vs]))
    assert again == state
    assert state.filters == {"licence": ("CC BY-SA",), "grade": ("10", "11")}


def test_words_are_not_marked_inside_formulas() -> None:
    html = 'Cho x <span class="katex"><span>x</span><br/></span> và <em>x</em> &amp; xa'
    made = marked_html(html, {"x", "&"})
    assert made == (
        'Cho <mark>x</mark> <span class="katex"><span>x</span><br/></span> và <em><mark>x</mark></em> '
        "<mark>&amp;</mark> xa"
    )


def test_in_english(client: FlaskClient, lesson: Any) -> None:
    lesson("Bài Toán")
    client.post("/preferences", data={"locale": "en", "next": "/"})
    text = page(client, "/search?q=toan&subject=TOAN").text_content()
    assert "1 results for “toan”" in text
    assert "Filter results" in text
    assert "Grade 12" in text
