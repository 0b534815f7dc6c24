"""Making a quiz: draft, compile at publishing, close."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from app.core import db
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.core.i18n import gettext as _
from app.questions import queries as bank
from app.quizzes import marking, policy, queries
from app.quizzes.models import Quiz, QuizItem
from app.vocabularies import queries as vocabularies

CONTENT = ("sections", "mode", "feedback", "shuffle_questions", "shuffle_choices", "time_limit_s")
OPEN_TO_CHANGE = (
    "title", "description", "subject", "grade", "audience", "classes",
    "attempts_allowed", "opens_at", "closes_at",
)  # fmt: skip
MOST_QUESTIONS = 200
# A test is taken once unless its maker says otherwise (None: as often as one likes).
TEST_ATTEMPTS = 1


def create(viewer: Viewer, data: dict[str, Any]) -> Quiz:
    """A draft. `data` as in the schema; each section is {"questions": [ids]} or {"draw": {…, "count"}}."""
    if not policy.may_create(viewer):
        raise Forbidden(_("Thầy cô cần tài khoản giáo viên để soạn bài luyện tập."))
    data = {**data}
    data.setdefault("mode", "practice")
    data.setdefault("sections", [])
    data.setdefault("feedback", "immediate" if data["mode"] == "practice" else "after_submit")
    if data["mode"] == "test":
        data.setdefault("attempts_allowed", TEST_ATTEMPTS)
    _check(viewer, data)
    moment = db.now()
    with db.transaction() as unit:
        made = Quiz(
            owner_id=viewer.id,
            unit_id=next(iter(sorted(viewer.unit_ids)), None),
            state="draft",
            revision=1,
            created_at=moment,
            updated_at=moment,
            **{name: data[name] for name in CONTENT + OPEN_TO_CHANGE if name in data},
        )
        unit.add(made)
        unit.flush()
    return made


def edit(viewer: Viewer, quiz_id: uuid.UUID, data: dict[str, Any], revision: int | None) -> Quiz:
    """Change a quiz; once published, what students were dealt can no longer change."""
    with db.transaction():
        found = _managed(viewer, quiz_id)
        _expect(found, revision)
        if found.mode != "test" and data.get("mode") == "test":
            data = {"attempts_allowed": TEST_ATTEMPTS, **data}
        fixed = [name for name in CONTENT if name in data and data[name] != getattr(found, name)]
        if found.state != "draft" and fixed:
            raise Conflict(_("Bài đã phát hành nên không đổi được câu hỏi và cách làm bài."), current=found.revision)
        names = CONTENT + OPEN_TO_CHANGE
        _check(viewer, {**{name: getattr(found, name) for name in names}, **data}, "sections" in data)
        for name in names:
            if name in data:
                setattr(found, name, data[name])
        _touch(found)
    return found


def publish(viewer: Viewer, quiz_id: uuid.UUID, revision: int | None = None) -> Quiz:
    """Compile the quiz and open it. A second publish of the same quiz changes nothing."""
    with db.transaction() as unit:
        found = _managed(viewer, quiz_id)
        if found.state == "published":
            return found
        _expect(found, revision)
        if found.state == "closed":
            raise Conflict(_("Bài đã đóng."), current=found.revision)
        found.compiled = _compiled(viewer, found)
        unit.add_all(
            QuizItem(quiz_id=found.id, position=position, version_id=uuid.UUID(item["version_id"]))
            for position, item in enumerate(found.compiled["items"], 1)
        )
        found.state = "published"
        found.published_at = db.now()
        _touch(found)
    return found


def close(viewer: Viewer, quiz_id: uuid.UUID, revision: int | None = None) -> Quiz:
    """End a quiz now; open attempts are handed in with what they hold."""
    with db.transaction():
        found = _managed(viewer, quiz_id)
        if found.state == "closed":
            return found
        _expect(found, revision)
        if found.state != "published":
            raise Conflict(_("Bài chưa phát hành."), current=found.revision)
        found.state = "closed"
        found.closed_at = db.now()
        _touch(found)
    return found


def delete(viewer: Viewer, quiz_id: uuid.UUID, revision: int | None = None) -> None:
    """Delete a draft; what was published stays, for its attempts belong to it."""
    with db.transaction() as unit:
        found = _managed(viewer, quiz_id)
        _expect(found, revision)
        if found.state != "draft":
            raise Conflict(_("Bài đã phát hành nên không xóa được, chỉ đóng được."), current=found.revision)
        unit.delete(found)


def _managed(viewer: Viewer, quiz_id: uuid.UUID) -> Quiz:
    found = db.session().get(Quiz, quiz_id, with_for_update=True, populate_existing=True)
    if found is None or not policy.may_manage(viewer, found):
        if found is not None and policy.may_take(viewer, found, queries.classes_of(viewer)):
            raise Forbidden(_("Chỉ người soạn bài mới được sửa."))
        raise NotFound(_("Không tìm thấy bài này."))
    return found


def _expect(found: Quiz, revision: int | None) -> None:
    if revision is not None and revision != found.revision:
        raise Stale(_("Bài vừa được sửa ở nơi khác. Tải lại trang để xem bản mới."), current=found.revision)


def _touch(found: Quiz) -> None:
    found.revision += 1
    found.updated_at = db.now()


def _check(viewer: Viewer, data: dict[str, Any], sections: bool = True) -> None:
    errors: dict[str, list[str]] = {}

    def wrong(name: str, text: str) -> None:
        errors.setdefault(name, []).append(text)

    if not (data.get("title") or "").strip():
        wrong("title", _("Nhập tên bài."))
    if data["feedback"] == "immediate" and data["mode"] == "test":
        wrong("feedback", _("Bài kiểm tra không cho xem đáp án ngay từng câu."))
    if data.get("feedback") == "after_close" and not data.get("closes_at") and data["mode"] == "practice":
        wrong("feedback", _("Chọn thời điểm đóng bài để biết khi nào hiện đáp án."))
    if data.get("opens_at") and data.get("closes_at") and data["closes_at"] <= data["opens_at"]:
        wrong("closes_at", _("Thời điểm đóng phải sau thời điểm mở."))
    if data.get("audience") == "public" and data["mode"] == "test":
        wrong("audience", _("Bài kiểm tra chỉ dành cho người đã đăng nhập."))
    if data.get("audience") == "classes" and not data.get("classes"):
        wrong("classes", _("Chọn ít nhất một lớp."))
    if data.get("subject") and not vocabularies.valid("subject", data["subject"]):
        wrong("subject", _("Không có môn này trong danh mục."))
    if sections:
        for section in data.get("sections") or []:
            if ("questions" in section) == ("draw" in section):
                wrong("sections", _("Mỗi phần hoặc chọn câu hỏi, hoặc rút câu hỏi."))
                continue
            for text in _draw_errors(section.get("draw") or {}):
                wrong("sections", text)
            ids = section.get("questions", [])
            usable = _usable(viewer, ids)
            for question_id in ids:
                if question_id not in usable:
                    wrong("sections", _("Không dùng được câu hỏi %(id)s.", id=question_id))
    if errors:
        raise Invalid(_("Bài chưa lưu được. Xem các ô báo lỗi."), errors=errors)


def _draw_errors(rule: dict[str, Any]) -> list[str]:
    """What is wrong with a rule of drawing: codes unknown, or a topic of another subject or grade."""
    found = []
    if rule.get("subject") and not vocabularies.valid("subject", rule["subject"]):
        found.append(_("Không có môn này trong danh mục."))
    if rule.get("level") and not vocabularies.valid("level", rule["level"]):
        found.append(_("Không có mức độ này trong danh mục."))
    if code := rule.get("topic"):
        topic = vocabularies.term("topic", code)
        wanted = {name: rule[name] for name in ("subject", "grade") if rule.get(name)}
        if topic is None:
            found.append(_("Không có chủ đề này trong danh mục."))
        elif any(topic.data[name] != value for name, value in wanted.items()):
            found.append(_("Chủ đề không thuộc môn và lớp đã chọn."))
    return found


def _usable(viewer: Viewer, question_ids: list[str]) -> dict[str, uuid.UUID]:
    """The version to deal of each question the viewer may use; others are absent."""
    wanted = []
    for question_id in question_ids:
        try:
            wanted.append(uuid.UUID(str(question_id)))
        except ValueError:
            continue
    return {str(key): version for key, version in bank.current(viewer, wanted).items()}


def _compiled(viewer: Viewer, quiz: Quiz) -> dict[str, Any]:
    """One immutable document: the versions dealt, their points, no key."""
    chosen: list[tuple[int, uuid.UUID, str | None]] = []
    taken: set[uuid.UUID] = set()
    for number, section in enumerate(quiz.sections or []):
        points = section.get("points")
        if "draw" in section:
            rule = section["draw"]
            wanted = int(rule["count"])
            # Ask for more than needed: some may already stand in an earlier section.
            pool = bank.draw(
                subject=rule.get("subject"),
                grade=rule.get("grade"),
                topic=rule.get("topic"),
                level=rule.get("level"),
                kind=rule.get("kind"),
                count=wanted + len(taken),
                seed=rule.get("seed") or secrets.randbits(31),
            )
            fresh = [version for version in pool if version not in taken][:wanted]
            if len(fresh) < wanted:
                raise Invalid(
                    _(
                        "Ngân hàng chỉ có %(found)s trong %(wanted)s câu cần rút.",
                        found=len(fresh),
                        wanted=wanted,
                    ),
                    errors={"sections": [_("Phần %(n)s thiếu câu hỏi.", n=number + 1)]},
                )
        else:
            fresh = []
            usable = _usable(viewer, section["questions"])
            for question_id in section["questions"]:
                version = usable.get(question_id)
                if version is None:
                    raise Invalid(
                        _("Có câu hỏi không còn dùng được."),
                        errors={"sections": [_("Không dùng được câu hỏi %(id)s.", id=question_id)]},
                    )
                if version not in taken and version not in fresh:
                    fresh.append(version)
        taken.update(fresh)
        chosen += [(number, version, points) for version in fresh]
    if not chosen:
        raise Invalid(_("Bài chưa có câu hỏi nào."), errors={"sections": [_("Thêm ít nhất một câu hỏi.")]})
    if len(chosen) > MOST_QUESTIONS:
        raise Invalid(
            _("Bài có quá nhiều câu hỏi."),
            errors={"sections": [_("Tối đa %(n)s câu.", n=MOST_QUESTIONS)]},
        )
    full = bank.versions([version for _number, version, _points in chosen])
    items = []
    for number, version_id, points in chosen:
        dealt = full[version_id].version
        items.append(
            {
                "section": number,
                "question_id": str(dealt.question_id),
                "version_id": str(version_id),
                "kind": dealt.kind,
                "stem": dealt.stem,
                "choices": [{"id": c["id"], "text": c["text"]} for c in dealt.choices or []],
                "topic": dealt.topic,
                "level": dealt.level,
                "points": str(points) if points else marking.points_of(dealt.kind, dealt.subject),
            }
        )
    return {"items": items}
