"""What every search engine must do. `open_index` opens one more handle on the same index at each call."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from search.open import open_index as open_url
from search.port import STAFF, Document, Index, Query, Segments

Opener = Callable[[], Index]
DAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(params=["embedded", "elastic"])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    elastic = request.param == "elastic"
    url = request.getfixturevalue("elastic_url") if elastic else f"embedded:///{tmp_path}/index.sqlite3"
    opened: list[Index] = []

    def opener() -> Index:
        opened.append(open_url(url))
        return opened[-1]

    yield opener
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Opener) -> Index:
    return open_index()


def doc(id: str, title: str, body: str = "", revision: int = 1, kind: str = "resource", **more: Any) -> Document:
    return Document(kind=kind, id=id, revision=revision, title=title, body=body, **more)


def ids(index: Index, text: str = "", **more: Any) -> list[str]:
    return [hit.id for hit in index.find(Query(text, **more)).hits]


def joined(segments: Segments) -> str:
    return "".join(text for text, _ in segments)


def lit(segments: Segments) -> list[str]:
    return [text for text, matched in segments if matched]


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "ham so bac ba",
        "Hàm số bậc ba",
        "HÀM SỐ BẬC BA",
        unicodedata.normalize("NFD", "hàm số bậc ba"),
        "hàm so bâc ba",
    ],
)
def test_found_with_and_without_diacritics(index: Index, typed: str) -> None:
    index.put([doc("1", "Khảo sát hàm số bậc ba"), doc("2", "Truyện Kiều")])
    assert ids(index, typed) == ["1"]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Vật lí 10", "vật lý"),
        ("Vật lý 10", "vat li"),
        ("Hoá học hữu cơ", "hóa học"),
        ("Hóa học hữu cơ", "HOÁ HỌC"),
        ("Học kì I", "hoc ky"),
        ("Mĩ thuật 7", "mỹ thuật"),
        ("Đề thi", "\u00d0ề thi"),
    ],
)
def test_two_spellings_of_one_word(index: Index, title: str, typed: str) -> None:
    index.put([doc("1", title), doc("2", "Bài khác hẳn")])
    assert ids(index, typed) == ["1"]


def test_exact_diacritics_come_first(index: Index) -> None:
    index.put(
        [
            doc("dương", "Dương, duong, dưỡng: dương", "dương dương dương"),
            doc("đường", "Một bài viết dài hơn nhiều nói về con đường", "chữ " * 80),
            doc("duong", "duong"),
        ]
    )
    assert ids(index, "đường")[0] == "đường"
    assert set(ids(index, "đường")) == {"dương", "đường", "duong"}
    assert ids(index, "dương")[0] == "dương"
    assert len(ids(index, "duong")) == 3


def test_title_before_body_and_neighbours_before_strangers(index: Index) -> None:
    index.put(
        [
            doc("body", "Ôn tập chương", "có nhắc đến đạo hàm một lần"),
            doc("apart", "Hàm số và lời nói đạo đức"),
            doc("title", "Đạo hàm của thương"),
            *(doc(f"x{n}", f"Bài số {n} về thơ") for n in range(20)),
        ]
    )
    found = ids(index, "dao ham")
    assert found[0] == "title"
    assert set(found) == {"title", "apart", "body"}


def test_facet_words_are_found_and_every_word_counts(index: Index) -> None:
    index.put(
        [
            doc("12", "Hàm số", facet_words="Toán lớp 12 Trung học phổ thông"),
            doc("9", "Hàm số", facet_words="Toán lớp 9 Trung học cơ sở"),
        ]
    )
    assert ids(index, "toan 12 ham so") == ["12"]


def test_one_word_too_many_still_finds(index: Index) -> None:
    index.put([doc("1", "Bất đẳng thức Cauchy"), doc("2", "Thơ mới")])
    assert ids(index, "bat dang thuc cauchy schwarzenegger") == ["1"]
    assert ids(index, "thơ schwarzenegger") == []


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Bất đẳng thức cơ bản", "BĐT"),
        ("Bất đẳng thức cơ bản", "bdt co ban"),
        ("Chuyên đề BĐT", "bất đẳng thức"),
        ("Đề trắc nghiệm chương I", "đề TN"),
        ("Ôn thi tốt nghiệp", "TN"),
        ("Tuyển tập đề học sinh giỏi", "hsg"),
        ("Giải phương trình bậc hai", "giai pt bac hai"),
        ("Sách giáo khoa mới", "SGK"),
        ("Đề kiểm tra học kì I", "kt hk 1"),
        ("Đề kiểm tra giữa kì 2", "gk2"),
        ("Trường trung học phổ thông", "THPT"),
        ("Giáo dục kinh tế và pháp luật", "GDKT&PL"),
        ("Tính chất của axit", "acid"),
        ("Hydrogen và nước", "hiđro"),
        ("Từ vựng tiếng Anh", "english"),
    ],
)
def test_short_forms_and_old_names(index: Index, title: str, typed: str) -> None:
    index.put([doc("1", title), doc("2", "Nỗi niềm chiến sĩ")])
    assert ids(index, typed) == ["1"]


def test_old_subjects_of_lower_secondary(index: Index) -> None:
    index.put(
        [
            doc("khtn", "Áp suất", facet_words="Khoa học tự nhiên lớp 8"),
            doc("sử", "Văn Lang", facet_words="9"),
        ]
    )
    assert ids(index, "vật lý 8") == ["khtn"]
    assert ids(index, "vật lý") == []


def test_typed_words_are_never_replaced(index: Index) -> None:
    index.put([doc("1", "PT là gì"), doc("2", "Phương trình")])
    assert set(ids(index, "pt")) == {"1", "2"}


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "'",
        "a AND",
        "NEAR(",
        "title_f:x",
        "*",
        "^",
        "-",
        "(",
        ")",
        "\x00",
        "%",
        "\\",
        "🙂",
        "x OR y NOT z",
        "+ - &&",
    ],
)
def test_strange_text_never_breaks(index: Index, typed: str) -> None:
    index.put([doc("1", "Hàm số", "x y z")])
    index.find(Query(typed))
    index.suggest(typed)


def test_text_of_signs_only_finds_nothing_and_no_text_finds_all(index: Index) -> None:
    index.put([doc("1", "Một"), doc("2", "Hai")])
    assert index.find(Query("?!")).total == 0
    assert index.find(Query("  ")).total == 2


def test_a_pasted_page_is_answered(index: Index) -> None:
    index.put([doc("1", "Hàm số", "một hai ba")])
    index.find(Query("hàm số " * 5000))


# -- snippets ------------------------------------------------------------------------------------------


def test_snippets_show_the_original_diacritics(index: Index) -> None:
    body = "Lời mở đầu. " * 60 + "Điều kiện để hàm số đạt cực trị tại một điểm. " + "Phần kết. " * 60
    index.put([doc("1", "Cực trị của Hàm Số", body)])
    hit = index.find(Query("ham so cuc tri")).hits[0]
    assert joined(hit.title) == "Cực trị của Hàm Số"
    assert lit(hit.title) == ["Cực trị", "Hàm Số"]
    assert "hàm số" in lit(hit.snippet)
    assert len(joined(hit.snippet)) < 320
    assert joined(hit.snippet).strip("… ") in body


def test_snippets_mark_what_a_short_form_stands_for(index: Index) -> None:
    index.put([doc("1", "Chuyên đề", "Chứng minh bất đẳng thức bằng đạo hàm")])
    assert lit(index.find(Query("bdt")).hits[0].snippet) == ["bất đẳng thức"]


def test_snippets_of_decomposed_text(index: Index) -> None:
    index.put([doc("1", "Bài", unicodedata.normalize("NFD", "Ông già và biển cả"))])
    assert lit(index.find(Query("bien ca")).hits[0].snippet) == ["biển cả"]


def test_marks_keep_to_whole_words(index: Index) -> None:
    index.put([doc("1", "Ham học và hàm số", "hamburger")])
    hit = index.find(Query("ham")).hits[0]
    assert lit(hit.title) == ["Ham", "hàm"]
    assert lit(hit.snippet) == []


def test_marks_take_the_word_that_is_meant(index: Index) -> None:
    index.put([doc("1", "Hàm số", "Sơ đồ bốn bước vẽ hàm số và hàm mũ, so với số liệu")])
    assert lit(index.find(Query("ham so")).hits[0].snippet) == ["hàm số", "hàm", "số"]
    assert lit(index.find(Query("so")).hits[0].snippet) == ["Sơ", "số", "so", "số"]
    assert lit(index.find(Query("sơ")).hits[0].snippet) == ["Sơ"]


# -- revisions -----------------------------------------------------------------------------------------


def test_older_puts_and_drops_are_ignored(index: Index) -> None:
    index.put([doc("1", "Bản ba", revision=3)])
    index.put([doc("1", "Bản hai", revision=2)])
    assert ids(index, "ba") == ["1"]
    assert ids(index, "hai") == []
    index.drop("resource", "1", 2)
    assert ids(index, "ba") == ["1"]
    index.put([doc("1", "Bản bốn", revision=4)])
    assert ids(index, "ba") == []
    assert ids(index, "bốn") == ["1"]
    assert index.count() == 1


def test_an_equal_revision_is_applied_again(index: Index) -> None:
    index.put([doc("1", "Tên", "", revision=3)])
    index.put([doc("1", "Tên", "chữ đọc từ tệp", revision=3)])
    assert ids(index, "chữ đọc") == ["1"]


def test_a_drop_leaves_a_tombstone(index: Index) -> None:
    index.put([doc("1", "Bài cũ", revision=3)])
    index.drop("resource", "1", 5)
    index.put([doc("1", "Bài cũ", revision=4)])
    assert ids(index) == []
    assert index.count() == 0
    assert index.suggest("bài") == []
    index.drop("resource", "never-seen", 7)
    index.put([doc("never-seen", "Đến muộn", revision=6)])
    assert ids(index) == []
    index.put([doc("1", "Trở lại", revision=6)])
    assert ids(index, "trở lại") == ["1"]


def test_the_same_id_of_two_kinds_is_two_documents(index: Index) -> None:
    index.put([doc("1", "Một bài"), doc("1", "Một câu", kind="question")])
    assert index.count() == 2
    assert index.count("question") == 1
    index.drop("resource", "1", 9)
    assert [hit.kind for hit in index.find(Query("một")).hits] == ["question"]


# -- facets, filters, audience, order ------------------------------------------------------------------


def shelf() -> list[Document]:
    return [
        doc("a", "Hàm số", facets={"subject": ("TOAN",), "grade": ("11", "12")}, sort_at=DAY),
        doc("b", "Hàm mũ", facets={"subject": ("TOAN",), "grade": ("12",)}, sort_at=DAY + timedelta(days=2)),
        doc(
            "c",
            "Cá voi: hàm dưới",
            facets={"subject": ("SINHHOC",), "grade": ("7",)},
            sort_at=DAY + timedelta(days=1),
        ),
        doc("d", "Truyện Kiều", facets={"subject": ("NGUVAN",)}),
    ]


def test_facets_count_without_their_own_filter(index: Index) -> None:
    index.put(shelf())
    page = index.find(Query("hàm", filters={"subject": ("TOAN",)}, facets=("subject", "grade", "level")))
    assert page.total == 2
    assert page.facets["subject"] == [("TOAN", 2), ("SINHHOC", 1)]
    assert page.facets["grade"] == [("12", 2), ("11", 1)]
    assert page.facets["level"] == []


def test_filters_join(index: Index) -> None:
    index.put(shelf())
    assert set(ids(index, filters={"subject": ("TOAN", "SINHHOC")})) == {"a", "b", "c"}
    assert ids(index, filters={"subject": ("TOAN",), "grade": ("11",)}) == ["a"]
    assert ids(index, filters={"subject": ()}, sort="title") == ["c", "b", "a", "d"]
    assert ids(index, filters={"subject": ("NONE' OR 1=1",)}) == []


def test_kinds(index: Index) -> None:
    index.put([doc("1", "Một"), doc("2", "Một", kind="question")])
    assert ids(index, "một", kinds=("question",)) == ["2"]
    assert set(ids(index, "một", kinds=("question", "resource"))) == {"1", "2"}


def test_order(index: Index) -> None:
    index.put(shelf())
    assert ids(index, "hàm", sort="newest") == ["b", "c", "a"]
    assert ids(index, sort="newest") == ["b", "c", "a", "d"]
    index.put([doc("e", "Ăn"), doc("f", "An"), doc("g", "Đa"), doc("h", "Da"), doc("i", "zê ta")])
    assert ids(index, sort="title") == ["f", "e", "c", "h", "g", "b", "a", "d", "i"]


def test_demoted_documents_stand_behind_their_equals(index: Index) -> None:
    index.put([doc(f"{n}", "Bài khác", "thơ") for n in range(9)])
    index.put([doc("old", "Hàm số", demoted=True, sort_at=DAY + timedelta(days=9)), doc("new", "Hàm số", sort_at=DAY)])
    assert ids(index, "ham so") == ["new", "old"]
    assert ids(index, "hàm số") == ["new", "old"]
    assert ids(index, per_page=100)[-1] == "old"


def test_audience(index: Index) -> None:
    staff = frozenset({STAFF})
    index.put(
        [
            doc("open", "Bài mở", facets={"subject": ("TOAN",)}),
            doc("closed", "Bài kín", facets={"subject": ("TOAN",)}, audience=staff),
        ]
    )
    page = index.find(Query("bài", facets=("subject",)))
    assert [hit.id for hit in page.hits] == ["open"]
    assert page.total == 1
    assert page.facets["subject"] == [("TOAN", 1)]
    assert set(ids(index, "bài", audience=frozenset({"public", "staff"}))) == {"open", "closed"}
    assert ids(index, "bài", audience=frozenset()) == []
    index.put([doc("open", "Bài mở", revision=2, audience=staff)])
    assert ids(index, "bài") == []


def test_pages(index: Index) -> None:
    index.put([doc(f"{n:02}", f"Bài số {n}") for n in range(25)])
    seen = [id for page in (1, 2, 3, 4) for id in ids(index, "bài", page=page, per_page=10)]
    assert len(seen) == len(set(seen)) == 25
    assert index.find(Query("bài", page=4, per_page=10)).total == 25


def test_suggest_from_public_titles_only(index: Index) -> None:
    index.put(
        [
            doc("1", "Khảo sát hàm số"),
            doc("2", "Khảo sát hàm số"),
            doc("3", "Khảo cổ học", audience=frozenset({STAFF})),
            doc("4", "Khảo nghiệm", suggest=False),
            doc("5", "Bài khảo sát chất lượng", "khảo"),
        ]
    )
    assert index.suggest("khao") == ["Khảo sát hàm số", "Bài khảo sát chất lượng"]
    assert index.suggest("khảo sát h") == ["Khảo sát hàm số"]
    assert index.suggest("khao", limit=1) == ["Khảo sát hàm số"]
    assert index.suggest("") == []


# -- rebuild, handles, threads -------------------------------------------------------------------------


def test_rebuild_leaves_exactly_what_was_read(index: Index) -> None:
    index.put([doc("old", "Bài cũ", revision=9), doc("kept", "Bài giữ", revision=9)])
    assert index.rebuild(iter([doc("kept", "Bài giữ lại", revision=2), doc("new", "Bài mới")])) == 2
    assert set(ids(index, "bài")) == {"kept", "new"}
    assert ids(index, "giữ lại") == ["kept"]


def test_a_failing_rebuild_takes_nothing_away(index: Index) -> None:
    index.put([doc("1", "Bài một"), doc("2", "Bài hai")])

    def broken() -> Iterator[Document]:
        yield doc("3", "Bài ba")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        index.rebuild(broken())
    assert {"1", "2"} <= set(ids(index, "bài"))


def test_changes_during_a_rebuild_are_kept(index: Index) -> None:
    index.put([doc("1", "Bài một"), doc("2", "Bài hai")])

    def meanwhile() -> Iterator[Document]:
        yield doc("9", "Bài chín")
        index.put([doc("1", "Bài một sửa", revision=2), doc("new", "Bài mới")])
        index.drop("resource", "2", 2)
        yield doc("1", "Bài một")
        yield doc("2", "Bài hai")

    index.rebuild(meanwhile())
    assert set(ids(index, "bài")) == {"1", "9", "new"}
    assert ids(index, "sửa") == ["1"]


def test_another_handle_sees_a_put_at_once(open_index: Opener) -> None:
    first, second = open_index(), open_index()
    first.put([doc("1", "Bài một")])
    assert ids(second, "một") == ["1"]
    second.drop("resource", "1", 1)
    assert ids(first, "một") == []


def test_what_was_put_survives_closing(open_index: Opener) -> None:
    first = open_index()
    first.put([doc("1", "Bài một")])
    first.close()
    assert ids(open_index(), "mot") == ["1"]


def test_threads_write_and_read_together(index: Index) -> None:
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for n in range(20):
                index.put([doc(f"{who}-{n}", f"Bài {n} của {who}")])
        except BaseException as error:
            failures.append(error)

    def read() -> None:
        try:
            for _ in range(40):
                index.find(Query("bài", facets=("subject",)))
                index.suggest("bà")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 80
