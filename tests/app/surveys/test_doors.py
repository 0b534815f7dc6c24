"""The doors of surveys: making, opening, answering once, results, exports, pages."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.core import db
from app.core.access import Viewer
from app.surveys import formats, service
from app.surveys.models import Survey

AsUser = Callable[[str], FlaskClient]
# Nine easy, seven middling, two hard: the two must stay unseen, and seven with them.
MIXED = [{"q1": "1", "q2": ["1"]}] * 9 + [{"q1": "2", "q2": ["2"]}] * 7 + [{"q1": "3", "q2": ["2"]}] * 2


def _responses(survey_id: str) -> str:
    return f"/api/v1/surveys/{survey_id}/responses"


def test_small_groups_are_withheld_in_api_page_and_exports(
    make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser, signed_in: AsUser
) -> None:
    survey_id = make()
    answered(survey_id, MIXED)
    results = as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results").json
    assert results["total"] == 18
    assert [option["count"] for option in results["questions"][0]["options"]] == [9, None, None]

    text = as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results.csv").data.decode("utf-8-sig")
    cells = {row[3]: row[4] for row in csv.reader(io.StringIO(text)) if row[0] == "1"}
    assert cells == {"Dễ": "9", "Vừa": "ẩn vì dưới 5 phiếu", "Khó": "ẩn vì dưới 5 phiếu"}

    book = load_workbook(io.BytesIO(as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results.xlsx").data))
    rows = [row for row in book.active.iter_rows(values_only=True) if row[0] == 1]
    assert [row[4] for row in rows] == [9, "ẩn vì dưới 5 phiếu", "ẩn vì dưới 5 phiếu"]

    page = signed_in("giaovien").get(f"/surveys/{survey_id}/results").text
    section = page[page.index("Mượn sách có dễ không?") : page.index("Em đến thư viện lúc nào?")]
    assert "kc-withheld" in section
    assert "9 phiếu" in section
    assert not re.search(r"\b[1-478] phiếu</span>", section)


def test_under_five_sheets_no_door_tells_anything(
    make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser, signed_in: AsUser
) -> None:
    survey_id = make()
    answered(survey_id, [{"q1": "1", "q5": "bí mật"}] * 4)
    results = as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results").json
    assert results["withheld"] is True
    assert results["total"] is None
    for ending in ("", ".csv"):
        assert "bí mật" not in as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results{ending}").text
    page = signed_in("giaovien").get(f"/surveys/{survey_id}/results")
    assert page.status_code == 200
    assert "Chưa hiện kết quả" in page.text
    assert "bí mật" not in page.text


def test_reading_again_after_one_more_sheet_tells_nothing_new(
    make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser
) -> None:
    survey_id = make()
    path = f"/api/v1/surveys/{survey_id}/results"
    answered(survey_id, [{"q1": "1"}] * 6)
    first = as_user("giaovien").get(path).json
    answered(survey_id, [{"q1": "2"}] * 4)
    assert as_user("giaovien").get(path).json == first
    as_user("giaovien").post(f"/api/v1/surveys/{survey_id}/close")
    assert as_user("giaovien").get(path).json["total"] == 6


def test_figures_renew_with_five_more(make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser) -> None:
    survey_id = make()
    path = f"/api/v1/surveys/{survey_id}/results"
    answered(survey_id, [{"q1": "1"}] * 6)
    assert as_user("giaovien").get(path).json["total"] == 6
    answered(survey_id, [{"q1": "2"}] * 5)
    assert as_user("giaovien").get(path).json["total"] == 11


def test_a_second_sheet_is_refused(make: Callable[..., str], as_user: AsUser) -> None:
    student, path = as_user("hocsinh"), _responses(make())
    assert student.post(path, json={"answers": {"q1": "1"}}).status_code == 201
    again = student.post(path, json={"answers": {"q1": "2"}})
    assert again.status_code == 409
    assert again.mimetype == "application/problem+json"


def test_the_same_sheet_sent_again_counts_once(
    app: Flask, make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser
) -> None:
    survey_id = make()
    student, headers = as_user("hocsinh"), {"Idempotency-Key": "mot-lan"}
    for _n in range(3):
        answer = student.post(_responses(survey_id), json={"answers": {"q1": "1"}}, headers=headers)
        assert (answer.status_code, answer.json) == (201, {"received": True})
    answered(survey_id, [{"q1": "1"}] * 5)
    assert as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/results").json["total"] == 6


def test_a_closed_survey_takes_nothing_more(make: Callable[..., str], as_user: AsUser) -> None:
    survey_id = make()
    assert as_user("giaovien").post(f"/api/v1/surveys/{survey_id}/close").json["state"] == "closed"
    answer = as_user("hocsinh").post(_responses(survey_id), json={"answers": {"q1": "1"}})
    assert answer.status_code == 409


def test_opening_and_closing_go_by_the_clock(app: Flask, make: Callable[..., str], as_user: AsUser) -> None:
    now = datetime.now(UTC)
    early = make(opens_at=(now + timedelta(hours=1)).isoformat())
    answer = as_user("hocsinh").post(_responses(early), json={"answers": {"q1": "1"}})
    assert answer.status_code == 409
    late = make(closes_at=(now + timedelta(hours=1)).isoformat())
    with app.app_context(), db.transaction() as unit:
        survey = unit.get(Survey, uuid.UUID(late))
        assert survey is not None
        survey.closes_at = now - timedelta(seconds=1)
    assert as_user("hocsinh").get(f"/api/v1/surveys/{late}").json["state"] == "closed"
    assert as_user("hocsinh").post(_responses(late), json={"answers": {"q1": "1"}}).status_code == 409


def test_a_draft_is_unknown_to_others(make: Callable[..., str], as_user: AsUser) -> None:
    survey_id = make(publish=False)
    assert as_user("hocsinh").get(f"/api/v1/surveys/{survey_id}").status_code == 404
    assert as_user("hocsinh").post(_responses(survey_id), json={"answers": {"q1": "1"}}).status_code == 404
    assert as_user("giaovien").post(_responses(survey_id), json={"answers": {"q1": "1"}}).status_code == 403


def test_who_may(client: FlaskClient, make: Callable[..., str], as_user: AsUser) -> None:
    survey_id = make()
    assert client.get(f"/api/v1/surveys/{survey_id}").status_code == 401
    assert as_user("hocsinh").post("/api/v1/surveys", json={}).status_code == 403
    assert as_user("hocsinh").get(f"/api/v1/surveys/{survey_id}/results").status_code == 403
    assert as_user("giaovien2").get(f"/api/v1/surveys/{survey_id}/results").status_code == 403
    assert as_user("giaovien2").post(f"/api/v1/surveys/{survey_id}/close").status_code == 403
    shared = make(share_results=True)
    assert as_user("hocsinh").get(f"/api/v1/surveys/{shared}/results").status_code == 200


def test_an_audience_limits_who_is_asked(
    make: Callable[..., str], as_user: AsUser, crowd: Callable[[int], list[Viewer]]
) -> None:
    (unit_id,) = crowd(1)[0].unit_ids
    survey_id = make(audience={"units": [str(unit_id)]})
    assert as_user("hocsinh").get(f"/api/v1/surveys/{survey_id}").status_code == 200
    assert as_user("hocsinh2").get(f"/api/v1/surveys/{survey_id}").status_code == 404
    listed = as_user("hocsinh2").get("/api/v1/surveys").json
    assert listed == {"items": [], "next": None}


@pytest.mark.parametrize(
    "document, field",
    [
        ({"title": "Có tên"}, "questions"),
        ({"title": " ", "questions": [{"kind": "text", "text": "?"}]}, "title"),
        ({"title": "T", "questions": []}, "questions"),
        ({"title": "T", "questions": [{"kind": "nope", "text": "?"}]}, "questions.0"),
        (
            {"title": "T", "questions": [{"kind": "text", "text": "?"}], "audience": {"units": ["x"]}},
            "audience",
        ),
        ({"title": "T", "questions": [{"kind": "text", "text": "?"}], "audience": 7}, "audience"),
        ({"title": "T", "questions": [{"kind": "text", "text": "?"}], "opens_at": "mai"}, "opens_at"),
    ],
)
def test_bad_surveys_name_their_field(as_user: AsUser, document: dict[str, Any], field: str) -> None:
    answer = as_user("giaovien").post("/api/v1/surveys", json=document)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_stale_and_late_edits(make: Callable[..., str], as_user: AsUser) -> None:
    teacher, survey_id = as_user("giaovien"), make(publish=False)
    path = f"/api/v1/surveys/{survey_id}"
    tag = teacher.get(path).headers["ETag"]
    assert teacher.patch(path, json={"title": "Mới"}, headers={"If-Match": tag}).json["title"] == "Mới"
    assert teacher.patch(path, json={"title": "Cũ"}, headers={"If-Match": tag}).status_code == 412
    teacher.post(f"{path}/publish")
    assert teacher.patch(path, json={"title": "Sau khi mở"}).status_code == 409
    assert teacher.patch(path, json={"share_results": True}).status_code == 200


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "=cmd|'/c calc'!A1"])
def test_formulas_are_disarmed(text: str) -> None:
    assert formats.safe(text).startswith("'")


def test_formulas_in_free_text_stay_text(
    make: Callable[..., str], answered: Callable[..., Any], as_user: AsUser
) -> None:
    survey_id = make(title='=HYPERLINK("http://x")')
    answered(survey_id, [{"q1": "1", "q5": "=1+1\x01"}] * 5)
    teacher = as_user("giaovien")
    text = teacher.get(f"/api/v1/surveys/{survey_id}/results.csv").data.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    book = load_workbook(io.BytesIO(teacher.get(f"/api/v1/surveys/{survey_id}/results.xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert "'=1+1" in {cell.value for cell in cells}


# ---------------------------------------------------------------- pages


def test_a_teacher_builds_a_survey_by_page_and_a_student_answers_it(signed_in: AsUser) -> None:
    teacher = signed_in("giaovien")
    form = {"title": "Căn tin", "anonymous": "yes", "count": "1", "q0-kind": "single"}
    form |= {"q0-text": "Cơm có ngon không?", "q0-lines": "Ngon\nDở", "q0-required": "1"}
    more = teacher.post("/surveys/new", data={**form, "act": "add:text"})
    assert more.status_code == 200
    assert 'name="q1-text"' in more.text
    assert "Cơm có ngon không?" in more.text
    wrong = teacher.post("/surveys/new", data={**form, "count": "2", "q1-kind": "text", "act": "save"})
    assert wrong.status_code == 422
    assert "Câu 2" in wrong.text
    full = {**form, "count": "2", "q1-kind": "text", "q1-text": "Muốn thêm món gì?", "act": "save"}
    saved = teacher.post("/surveys/new", data=full)
    assert saved.status_code == 303
    path = saved.headers["Location"]
    assert "Mở phiếu" in teacher.get(path).text
    assert teacher.get(f"{path}/edit").status_code == 200
    assert teacher.post(f"{path}/publish").status_code == 303

    student = signed_in("hocsinh")
    assert "Căn tin" in student.get("/surveys").text
    sheet = student.get(path)
    assert "Khảo sát ẩn danh" in sheet.text
    once = re.search(r'name="once" value="([^"]+)"', sheet.text)
    assert once is not None
    missing = student.post(path, data={"once": once[1], "a-q2": "<b>phở</b>"})
    assert missing.status_code == 422
    assert "&lt;b&gt;phở&lt;/b&gt;" in missing.text
    sent = {"once": once[1], "a-q1": "1", "a-q2": "phở"}
    for _n in range(2):
        assert student.post(path, data=sent).status_code == 303
    assert "Phiếu đã được gửi" in student.get(path).text
    assert student.post(path, data={**sent, "once": "khác"}).status_code == 409


def test_every_type_has_its_controls_and_is_kept(
    make: Callable[..., str], signed_in: AsUser, answered: Callable[..., Any]
) -> None:
    survey_id = make(share_results=True)
    student = signed_in("hocsinh")
    page = student.get(f"/surveys/{survey_id}").text
    for name in ("a-q1", "a-q2", "a-q3", "a-q4-r1", "a-q4-r2", "a-q5"):
        assert f'name="{name}"' in page
    sheet = {
        "a-q1": "1",
        "a-q2": ["1", "2"],
        "a-q3": "4",
        "a-q4-r1": "1",
        "a-q4-r2": "2",
        "a-q5": "Thêm\r\nsách",
    }
    assert student.post(f"/surveys/{survey_id}", data=sheet).status_code == 303
    answered(
        survey_id,
        [{"q1": "1", "q2": ["1", "2"], "q3": 4, "q4": {"r1": "1", "r2": "2"}, "q5": "Thêm đèn"}] * 6,
    )
    results = signed_in("giaovien").get(f"/surveys/{survey_id}/results").text
    assert "Thêm đèn" in results
    assert "kc-bars" in results
    shared = student.get(f"/surveys/{survey_id}/results")
    assert shared.status_code == 200
    assert "Thêm đèn" not in shared.text


@pytest.mark.parametrize("path", ["/surveys/{}", "/surveys/{}/results", "/api/v1/surveys/{}/results.xlsx"])
def test_unknown_ids(as_user: AsUser, signed_in: AsUser, unknown_id: uuid.UUID, path: str) -> None:
    reader = as_user("giaovien") if path.startswith("/api") else signed_in("giaovien")
    assert reader.get(path.format(unknown_id)).status_code == 404


def test_a_teacher_of_another_school_cannot_edit(
    app: Flask, make: Callable[..., str], viewer_for: Callable[[str], Viewer]
) -> None:
    from app.core.errors import NotFound

    survey_id, other = uuid.UUID(make(publish=False)), viewer_for("giaovien2")
    with app.app_context(), pytest.raises(NotFound):
        service.edit(other, survey_id, {"title": "Của tôi"}, None)


def test_the_page_chooses_who_is_asked(app: Flask, signed_in: AsUser, as_user: AsUser) -> None:
    teacher = signed_in("giaovien")
    page = teacher.get("/surveys/new").text
    chosen = re.findall(r'name="units" value="([^"]+)" checked', page)
    rooms = dict(re.findall(r'name="classes" value="([^"]+)"><label [^>]+>([^<]+)<', page))
    assert len(chosen) == 1 and rooms
    room = next(iter(rooms))
    form = {
        "title": "Chỉ một lớp", "count": "1", "q0-kind": "single", "q0-text": "Được không?", "q0-lines": "Có\nKhông",
        "anonymous": "yes", "act": "save", "roles": "student", "classes": room,
    }  # fmt: skip
    made = teacher.post("/surveys/new", data=form)
    assert made.status_code == 303, made.text
    survey_id = made.headers["Location"].rsplit("/", 1)[-1]
    shown = as_user("giaovien").get(f"/api/v1/surveys/{survey_id}").json
    assert shown["audience"] == {"roles": ["student"], "classes": [room]}
    again = teacher.get(f"/surveys/{survey_id}/edit").text
    assert f'name="classes" value="{room}" checked' in again and 'value="student" checked' in again
    assert f"Hỏi: Học sinh; {rooms[room]}" in teacher.get(f"/surveys/{survey_id}").text.replace("\n", " ")
    wrong = teacher.post("/surveys/new", data={**form, "classes": "00000000-0000-7000-8000-000000000000"})
    assert wrong.status_code == 422 and "Đối tượng khảo sát không hợp lệ" in wrong.text
    assert teacher.post("/surveys/new", data={**form, "classes": "x'>"}).status_code == 422

    teacher.post(f"/surveys/{survey_id}/publish")
    asked = as_user("hocsinh").get(f"/api/v1/surveys/{survey_id}")
    assert asked.status_code in (200, 404)
    assert as_user("hocsinh2").get(f"/api/v1/surveys/{survey_id}").status_code == 404
    if asked.status_code == 200:
        assert asked.json["audience"] is None


def test_drafts_are_deleted_and_opened_surveys_stay(
    make: Callable[..., str], as_user: AsUser, signed_in: AsUser
) -> None:
    teacher = as_user("giaovien")
    draft, opened, other = make(publish=False), make(), make(publish=False)
    assert as_user("giaovien2").delete(f"/api/v1/surveys/{draft}").status_code == 404
    assert teacher.delete(f"/api/v1/surveys/{draft}", headers={"If-Match": '"9"'}).status_code == 412
    assert teacher.delete(f"/api/v1/surveys/{draft}").status_code == 204
    assert teacher.get(f"/api/v1/surveys/{draft}").status_code == 404
    assert teacher.delete(f"/api/v1/surveys/{opened}").status_code == 409
    browser = signed_in("giaovien")
    assert "Xóa bản nháp" in browser.get(f"/surveys/{other}/edit").text
    assert browser.post(f"/surveys/{other}/delete").headers["Location"] == "/surveys"
    assert browser.get(f"/surveys/{other}").status_code == 404


def test_the_chart_by_day_hides_what_the_table_hides(
    app: Flask, make: Callable[..., str], answered: Callable[..., Any], signed_in: AsUser
) -> None:
    import sqlalchemy as sa

    from app.surveys.models import Response

    survey_id = make()
    answered(survey_id, [{"q1": "1"}] * 25)
    days = [(2, 12), (3, 7), (6, 4), (9, 2)]
    with app.app_context(), db.transaction() as unit:
        ids = list(unit.scalars(sa.select(Response.id)))
        for day, count in days:
            for _n in range(count):
                unit.execute(
                    sa.update(Response).where(Response.id == ids.pop()).values(day=datetime(2026, 11, day).date())
                )
    page = signed_in("giaovien").get(f"/surveys/{survey_id}/results").text
    chart = page[page.index('<svg class="kc-chart wide"') : page.index("</svg>", page.index("kc-chart wide"))]
    assert "Cao nhất 12 phiếu, thứ Hai 2/11." in page
    assert 'aria-label="Số phiếu mỗi ngày: 2/11 12, 3/11 7, 6/11 không hiện, 9/11 không hiện' in chart
    assert chart.count('class="c1"') == 1 and chart.count('class="c2"') == 1
    # A withheld day is a band of one height for all, drawn from no count.
    bands = re.findall(r'<rect [^>]*height="([\d.]+)" fill="url\(#kin\)"', chart)
    assert bands == ["170", "170"]
    assert "Cột gạch chéo" in page


def test_one_day_needs_no_chart(make: Callable[..., str], answered: Callable[..., Any], signed_in: AsUser) -> None:
    survey_id = make()
    answered(survey_id, [{"q1": "1"}] * 6)
    page = signed_in("giaovien").get(f"/surveys/{survey_id}/results").text
    assert "kc-chart wide" not in page and "Số phiếu nhận theo ngày" in page
