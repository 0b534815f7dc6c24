"""Words that stand only inside a file lead to its lesson, typed with or without diacritics."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.files import queries as files
from app.resources import service

URL = "/api/v1/resources"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("vi-d2l-vn/loi-noi-dau.docx", ["học sâu", "hoc sau"]),
        ("vi-d2l-vn/dai-so-tuyen-tinh.pdf", ["ma trận", "ma tran"]),
        ("vi-d2l-vn/giai-tich.epub", ["đạo hàm", "dao ham"]),
    ],
)
def test_words_inside_files_are_found(
    app: Flask,
    client: FlaskClient,
    as_user: Callable[[str], FlaskClient],
    drain: Callable[[], None],
    corpora: Path,
    file: str,
    words: list[str],
) -> None:
    path = corpora / "resources" / file
    fields = {
        "title": "Tài liệu tham khảo",
        "subject": "TINHOC",
        "grades": [11],
        "resource_type": "BGDT",
        "licence": "CC BY-SA",
        "authors": ["Đỗ Ngọc Ánh"],
    }
    teacher = as_user("giaovien")
    lesson = teacher.post(URL, json=fields).get_json()
    data = {"file": (io.BytesIO(path.read_bytes()), path.name)}
    sent = teacher.post(f"{URL}/{lesson['id']}/files", data=data).get_json()
    assert teacher.post(f"{URL}/{lesson['id']}/submit").status_code == 200
    review = {"decision": "approve", "comment": ""}
    assert as_user("totruong").post(f"{URL}/{lesson['id']}/reviews", json=review).status_code == 201
    drain()
    with app.app_context():
        blob = files.blob_by_hash(sent["sha256"])
        assert blob is not None
        service.handle_blob("blob", blob.id)
    drain()
    for text in words:
        found = client.get("/api/v1/search", query_string={"q": text}).get_json()
        assert [item["id"] for item in found["items"]] == [lesson["id"]], text
