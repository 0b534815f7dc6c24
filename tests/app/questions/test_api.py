"""/api/v1/questions as scripts and partner systems use it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.access import Viewer
from app.questions import queries, service

AsUser = Callable[[str], FlaskClient]
BASE = "/api/v1/questions"
BODY: dict[str, Any] = {
    "kind": "single_choice",
    "stem": "Nghiệm của $x^2=4$ với $x>0$ là",
    "choices": [{"id": "A", "text": "$1$"}, {"id": "B", "text": "$2$"}, {"id": "C", "text": "$4$"}],
    "answer": ["B"],
    "explanation": "Vì $2^2=4$.",
    "subject": "TOAN",
    "grade": 10,
    "level": "BIET",
    "tags": ["phương trình"],
}
KINDS: list[dict[str, Any]] = [
    BODY,
    {**BODY, "kind": "multiple_choice", "answer": ["A", "C"]},
    {
        **BODY,
        "kind": "true_false_group",
        "choices": [{"id": i, "text": f"Ý {i}"} for i in "abcd"],
        "answer": {"a": True, "b": False, "c": True, "d": False},
    },
    {**BODY, "kind": "short_answer", "choices": [], "answer": "0,92"},
]


def approved(as_user: AsUser, **changed: Any) -> str:
    teacher, reviewer = as_user("giaovien"), as_user("totruong")
    made = teacher.post(BASE, json={**BODY, **changed})
    assert made.status_code == 201, made.text
    name: str = made.json["id"]  # type: ignore[index]
    assert teacher.post(f"{BASE}/{name}/submit").status_code == 200
    done = reviewer.post(f"{BASE}/{name}/reviews", json={"decision": "approve", "comment": ""})
    assert done.status_code == 200, done.text
    return name


@pytest.mark.parametrize("body", KINDS, ids=lambda b: b["kind"])
def test_each_kind_is_written_and_read(as_user: AsUser, body: dict[str, Any]) -> None:
    teacher = as_user("giaovien")
    made = teacher.post(BASE, json=body)
    assert made.status_code == 201, made.text
    assert made.json is not None
    assert made.headers["ETag"] == '"1"' and made.headers["Location"].endswith(made.json["id"])
    got = teacher.get(made.headers["Location"]).json
    assert got is not None and got["state"] == "draft" and got["version"] == 1
    for name, value in body.items():
        assert got[name] == value, name


def test_an_edit_makes_a_version_and_a_stale_one_is_refused(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    place = teacher.post(BASE, json=BODY).headers["Location"]
    first = teacher.patch(place, json={"stem": "Một"}, headers={"If-Match": '"1"'})
    assert first.status_code == 200 and first.json["version"] == 2 and first.headers["ETag"] == '"2"'  # type: ignore[index]
    stale = teacher.patch(place, json={"stem": "Hai"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412 and stale.json["current"] == 2  # type: ignore[index]
    assert stale.mimetype == "application/problem+json"
    same = teacher.patch(place, json={"stem": "Một"})
    assert same.json["version"] == 2  # type: ignore[index]
    stems = [v["stem"] for v in teacher.get(f"{place}/versions").json["items"]]  # type: ignore[index]
    assert stems == ["Một", BODY["stem"]]


def test_an_approved_version_stays_while_the_next_is_in_work(as_user: AsUser) -> None:
    name = approved(as_user)
    other, teacher, reviewer = as_user("giaovien2"), as_user("giaovien"), as_user("totruong")
    assert other.get(f"{BASE}/{name}").json["stem"] == BODY["stem"]  # type: ignore[index]
    teacher.patch(f"{BASE}/{name}", json={"stem": "Bản mới"})
    assert other.get(f"{BASE}/{name}").json["stem"] == BODY["stem"]  # type: ignore[index]
    assert teacher.get(f"{BASE}/{name}").json["stem"] == "Bản mới"  # type: ignore[index]
    teacher.post(f"{BASE}/{name}/submit")
    reviewer.post(f"{BASE}/{name}/reviews", json={"decision": "approve"})
    assert other.get(f"{BASE}/{name}").json["stem"] == "Bản mới"  # type: ignore[index]


def test_states(as_user: AsUser) -> None:
    teacher, reviewer = as_user("giaovien"), as_user("totruong")
    place = teacher.post(BASE, json={**BODY, "answer": None}).headers["Location"]
    missing = teacher.post(f"{place}/submit")
    assert missing.status_code == 422 and "answer" in missing.json["errors"]  # type: ignore[index]
    teacher.patch(place, json={"answer": ["B"]})
    assert reviewer.get(place).status_code == 404
    assert teacher.post(f"{place}/submit").json["state"] == "submitted"  # type: ignore[index]
    assert teacher.post(f"{place}/submit").status_code == 409
    assert teacher.post(f"{place}/reviews", json={"decision": "approve"}).status_code == 403
    assert as_user("totruong2").post(f"{place}/reviews", json={"decision": "approve"}).status_code == 404
    empty = reviewer.post(f"{place}/reviews", json={"decision": "return", "comment": " "})
    assert empty.status_code == 422 and "comment" in empty.json["errors"]  # type: ignore[index]
    back = reviewer.post(f"{place}/reviews", json={"decision": "return", "comment": "Sửa phương án C"})
    assert back.status_code == 200 and teacher.get(place).json["state"] == "draft"  # type: ignore[index]
    assert [i["returned"] for i in teacher.get(f"{BASE}?tab=returned").json["items"]] == [True]  # type: ignore[index]
    teacher.post(f"{place}/submit")
    reviewer.post(f"{place}/reviews", json={"decision": "approve"})
    assert teacher.get(place).json["state"] == "approved"  # type: ignore[index]
    assert teacher.delete(place).status_code == 204
    assert teacher.get(place).json["state"] == "retired"  # type: ignore[index]
    assert teacher.patch(place, json={"stem": "x"}).status_code == 409


def test_one_does_not_approve_ones_own(as_user: AsUser) -> None:
    reviewer = as_user("totruong")
    place = reviewer.post(BASE, json=BODY).headers["Location"]
    reviewer.post(f"{place}/submit")
    assert reviewer.post(f"{place}/reviews", json={"decision": "approve"}).status_code == 403


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "haiku"}, "kind"),
        ({"stem": ""}, "stem"),
        ({"stem": 5}, "stem"),
        ({"choices": []}, "choices"),
        ({"choices": [{"id": "A"}]}, "choices.0.text"),
        ({"choices": [{"id": "A", "text": "x", "right": True}, {"id": "B", "text": "y"}]}, "choices.0.right"),
        ({"answer": ["Z"]}, "answer"),
        ({"answer": ["A", "B"]}, "answer"),
        ({"answer": {"a": True}}, "answer"),
        ({"answer": [{"x": 1}]}, "answer"),
        ({"subject": "PHEPTHUAT"}, "subject"),
        ({"grade": 13}, "grade"),
        ({"grade": "mười"}, "grade"),
        ({"topic": "X-1"}, "topic"),
        ({"level": "KHO"}, "level"),
        ({"language": "xx"}, "language"),
        ({"tags": ["x" * 61]}, "tags"),
        ({"explanation": "x" * 20_001}, "explanation"),
        ({"id": "mine"}, "id"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(as_user: AsUser, changed: dict[str, Any], field: str) -> None:
    teacher = as_user("giaovien")
    refused = teacher.post(BASE, json={**BODY, **changed})
    assert refused.status_code == 422, refused.text
    assert field in refused.json["errors"], refused.json  # type: ignore[index]
    assert teacher.get(f"{BASE}?mine=true").json["items"] == []  # type: ignore[index]


def test_messages_speak_the_callers_language(as_user: AsUser) -> None:
    refused = as_user("giaovien").post(BASE, json={**BODY, "stem": " "}, headers={"Accept-Language": "en"})
    assert refused.json["errors"]["stem"] == ["The question has no stem yet."]  # type: ignore[index]


def test_lists_go_on_and_filter(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    for n in range(5):
        teacher.post(BASE, json={**BODY, "stem": f"Câu số {n}", "grade": 10 + n % 2})
    page = teacher.get(f"{BASE}?limit=2").json
    assert page is not None and [i["stem"] for i in page["items"]] == ["Câu số 4", "Câu số 3"]
    page = teacher.get(f"{BASE}?limit=2&after={page['next']}").json
    assert page is not None and [i["stem"] for i in page["items"]] == ["Câu số 2", "Câu số 1"]
    page = teacher.get(f"{BASE}?limit=2&after={page['next']}").json
    assert page is not None and len(page["items"]) == 1 and page["next"] is None
    assert len(teacher.get(f"{BASE}?grade=11").json["items"]) == 2  # type: ignore[index]
    assert len(teacher.get(f"{BASE}?q=cau so 3").json["items"]) == 1  # type: ignore[index]
    assert teacher.get(f"{BASE}?limit=0").status_code == 422
    assert teacher.get(f"{BASE}?q=%25").json["items"] == []  # type: ignore[index]


def test_who_may(as_user: AsUser, client: FlaskClient, unknown_id: object) -> None:
    teacher = as_user("giaovien")
    draft = teacher.post(BASE, json=BODY).headers["Location"]
    assert client.get(BASE).status_code == 401 and client.post(BASE, json=BODY).status_code == 401
    for login in ("hocsinh", "doitac"):
        person = as_user(login)
        assert person.get(BASE).status_code == 403
        assert person.get(draft).status_code in (403, 404)
        assert person.post(BASE, json=BODY).status_code == 403
    for login in ("giaovien2", "totruong", "thuvien"):
        assert as_user(login).get(draft).status_code == 404
    assert as_user("giaovien2").patch(draft, json={"stem": "x"}).status_code == 404
    assert teacher.get(f"{BASE}/{unknown_id}").status_code == 404
    assert teacher.get(f"{BASE}/khong-phai-ma").status_code == 404
    name = approved(as_user)
    assert as_user("giaovien2").patch(f"{BASE}/{name}", json={"stem": "x"}).status_code == 403


def test_idempotency_key_makes_one(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    first = teacher.post(BASE, json=BODY, headers={"Idempotency-Key": "k1"})
    second = teacher.post(BASE, json=BODY, headers={"Idempotency-Key": "k1"})
    assert first.json["id"] == second.json["id"]  # type: ignore[index]
    assert len(teacher.get(f"{BASE}?mine=true").json["items"]) == 1  # type: ignore[index]


# ---------------------------------------------------------------- import, export


def send(client: FlaskClient, data: bytes, name: str = "tep", query: str = "") -> Any:
    return client.post(f"{BASE}/import{query}", data={"file": (io.BytesIO(data), name)})


def test_import_reports_every_question(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    gift = "// [tag:mon:TOAN]\nMột {=1 ~2}\n\nHai {~1 ~2}\n\nBa {=a -> b =c -> d =e -> f}\n\nBốn {T}\n\nNăm {#3,5}"
    dry = send(teacher, gift.encode(), "de.gift", "?dry_run=true")
    assert dry.status_code == 200, dry.text
    report = dry.json
    assert report["format"] == "gift" and report["counts"] == {"read": 3, "guessed": 1, "dropped": 1}
    assert [q["n"] for q in report["questions"]] == [1, 2, 3, 4, 5]
    assert [q["status"] for q in report["questions"]] == ["read", "guessed", "dropped", "read", "read"]
    assert [q["answer"] for q in report["questions"]] == [
        ["A"],
        None,
        [["a", "b"], ["c", "d"], ["e", "f"]],
        ["A"],
        "3,5",
    ]
    assert all(q["source"] and q["id"] is None for q in report["questions"])
    assert report["questions"][2]["messages"]
    assert teacher.get(f"{BASE}?mine=true").json["items"] == []  # type: ignore[index]
    done = send(teacher, gift.encode(), "de.gift")
    assert done.status_code == 201
    ids = [q["id"] for q in done.json["questions"]]
    assert [bool(i) for i in ids] == [True, True, False, True, True]
    got = teacher.get(f"{BASE}/{ids[0]}").json
    assert got is not None and got["subject"] == "TOAN" and got["source"] == "de.gift, câu 1"
    again = send(teacher, gift.encode(), "de.gift", "?dry_run=1").json
    assert "Ngân hàng đã có câu giống hệt." in again["questions"][0]["messages"]


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"PK\x03\x04 xl/", b"%PDF-1.4", b"khong co gi"])
def test_an_unreadable_file_is_422_with_a_reason(as_user: AsUser, data: bytes) -> None:
    teacher = as_user("giaovien")
    refused = send(teacher, data)
    assert refused.status_code == 422 and refused.json["detail"], refused.text
    assert teacher.post(f"{BASE}/import").status_code == 422
    assert send(teacher, b"x {T}", query="?format=docx").status_code == 422


def test_export_and_its_report(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    ids = [teacher.post(BASE, json=body).json["id"] for body in KINDS]  # type: ignore[index]
    for form in ("gift", "csv", "xlsx"):
        query = f"?format={form}&ids={','.join(ids)}"
        sent = teacher.get(f"{BASE}/export{query}")
        assert sent.status_code == 200 and "attachment" in sent.headers["Content-Disposition"]
        back = send(teacher, sent.data, f"x.{form}", "?dry_run=true").json
        assert [q["answer"] for q in back["questions"]] == [body["answer"] for body in KINDS]
        assert [q["kind"] for q in back["questions"]] == [body["kind"] for body in KINDS]
        report = teacher.get(f"{BASE}/export/report{query}").json
        assert report is not None and [q["id"] for q in report["questions"]] == ids
        assert (form == "gift") == ("1 câu đúng/sai mất thang điểm bậc khi xuất GIFT." in report["messages"])
    assert teacher.get(f"{BASE}/export?format=docx").status_code == 422
    assert teacher.get(f"{BASE}/export?ids=abc").status_code == 422
    assert teacher.get(f"{BASE}/export?format=csv&subject=VATLI").data.decode("utf-8-sig").count("\n") == 1


def test_exported_for_others_without_keys(as_user: AsUser) -> None:
    name = approved(as_user, stem="Câu riêng", explanation="LOI-GIAI-RIENG")
    sent = as_user("giaovien2").get(f"{BASE}/export?format=csv&ids={name}")
    rows = list(csv.DictReader(io.StringIO(sent.data.decode("utf-8-sig"))))
    assert rows[0]["Đề bài"] == "Câu riêng" and rows[0]["Đáp án đúng"] == "" and rows[0]["Lời giải"] == ""


def test_templates_read_back_whole(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    for ending in ("xlsx", "csv", "gift"):
        made = teacher.get(f"{BASE}/import/template.{ending}")
        report = send(teacher, made.data, f"mau.{ending}", "?dry_run=true").json
        assert report["counts"] == {"read": 4, "guessed": 0, "dropped": 0}, report


def test_a_thousand_real_exam_questions_become_rows(
    app: Flask, corpora: Path, viewer_for: Callable[[str], Viewer]
) -> None:
    """Papers of the national exam go in as they are, and come out with the key they came with."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["ID", "Question", "Choice", "Explanation"])
    entries: list[dict[str, str]] = []
    for path in sorted((corpora / "questions" / "vnhsge" / "json").rglob("*.json")):
        if "Literature" not in str(path):
            entries += json.loads(path.read_text("utf-8"))
    entries = entries[:1_500]
    for entry in entries:
        writer.writerow([entry["ID"], entry["Question"], entry["Choice"], entry["Explanation"]])
    teacher = viewer_for("giaovien")
    with app.app_context():
        report = service.import_file(teacher, "de-thi.csv", out.getvalue().encode(), dry_run=False)
        assert len(report.rows) == len(entries)
        assert report.counts["read"] > 1_450 and report.counts["dropped"] <= 2
        assert queries.counted(teacher, tab="mine") == report.counts["read"] + report.counts["guessed"]
        by_id = {row.id: entry for row, entry in zip(report.rows, entries, strict=True) if row.id}
        found = queries.exported(teacher, list(by_id), 2_000)  # type: ignore[arg-type]
        assert len(found) == len(by_id)
        for shown in found:
            if shown.answer is not None:
                assert shown.answer == [by_id[shown.question.id]["Choice"].strip()]


def test_import_is_all_or_nothing(app: Flask, viewer_for: Callable[[str], Viewer], monkeypatch: Any) -> None:
    """A failure in the middle of saving leaves no half of a file behind."""
    from app.questions.service import exchange

    made = exchange.written
    calls = []

    def failing(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise OSError("disk full")
        return made(*args)

    monkeypatch.setattr(exchange, "written", failing)
    teacher = viewer_for("giaovien")
    data = "".join(f"Câu {n} {{=1 ~2}}\n\n" for n in range(5)).encode()
    with app.app_context(), pytest.raises(OSError, match="disk full"):
        service.import_file(teacher, "x.gift", data, dry_run=False)
    with app.app_context():
        assert queries.counted(teacher, tab="mine") == 0
