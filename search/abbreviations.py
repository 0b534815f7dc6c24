"""Short forms, old names and double spellings, opened at query time: nothing is re-indexed for a change.

Typed words are never replaced; an expansion is one more way to match. Forms match folded, and without
inner spaces too (`hk 1`, `hk1`). Compiled from school usage and from the aliases of the subject list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from search.folding import exact, fold, words

LONGEST_FORM = 5
"""Words in the longest form looked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`form` also means each of `means`; with `both`, typing a meaning also finds the form.

    `grades` limits the entry to queries that name one of these grades (old subject names of grades 6 to 9).
    """

    form: str
    means: tuple[str, ...]
    both: bool = False
    grades: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the query: the words typed, and other phrases (folded words) that stand for them."""

    typed: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()


def _short(table: str, both: bool) -> tuple[Entry, ...]:
    entries = []
    for line in table.strip().splitlines():
        form, _, means = line.partition("=")
        entries.append(Entry(form.strip(), tuple(m.strip() for m in means.split("|")), both))
    return tuple(entries)


# Unambiguous: writing one finds the other, in both directions.
_TWO_WAY = _short(
    """
    thpt = trung học phổ thông
    thcs = trung học cơ sở
    gdtx = giáo dục thường xuyên
    gdpt = giáo dục phổ thông
    hsg = học sinh giỏi
    sgk = sách giáo khoa
    sgv = sách giáo viên
    sbt = sách bài tập
    gvcn = giáo viên chủ nhiệm
    khbd = kế hoạch bài dạy | giáo án
    skkn = sáng kiến kinh nghiệm
    ppct = phân phối chương trình
    yccđ = yêu cầu cần đạt
    đgnl = đánh giá năng lực
    đgtd = đánh giá tư duy
    tnthpt = tốt nghiệp trung học phổ thông | tốt nghiệp thpt
    thptqg = trung học phổ thông quốc gia
    kntt = kết nối tri thức
    ctst = chân trời sáng tạo
    gdđp = giáo dục địa phương
    gdqp = giáo dục quốc phòng
    gdqp an = giáo dục quốc phòng và an ninh
    gdtc = giáo dục thể chất | thể dục
    gdcd = giáo dục công dân
    gdktpl = giáo dục kinh tế và pháp luật
    hđtn = hoạt động trải nghiệm
    tnxh = tự nhiên và xã hội
    khtn = khoa học tự nhiên
    khxh = khoa học xã hội
    lsđl = lịch sử và địa lí
    cntt = công nghệ thông tin
    bđt = bất đẳng thức
    bpt = bất phương trình
    hpt = hệ phương trình
    ptlg = phương trình lượng giác
    đths = đồ thị hàm số
    gtln = giá trị lớn nhất
    gtnn = giá trị nhỏ nhất
    ucln = ước chung lớn nhất
    bcnn = bội chung nhỏ nhất
    hhkg = hình học không gian
    tcđ = tiệm cận đứng
    tcn = tiệm cận ngang
    vtpt = vectơ pháp tuyến
    vtcp = vectơ chỉ phương
    csc = cấp số cộng
    csn = cấp số nhân
    đktc = điều kiện tiêu chuẩn
    pthh = phương trình hóa học
    pưhh = phản ứng hóa học
    nst = nhiễm sắc thể
    đhkhtn = đại học khoa học tự nhiên
    nlxh = nghị luận xã hội
    nlvh = nghị luận văn học
    hk1 = học kì 1 | học kì i
    hk2 = học kì 2 | học kì ii
    hki = học kì i | học kì 1
    hkii = học kì ii | học kì 2
    gk1 = giữa kì 1 | giữa học kì 1 | giữa kì i
    gk2 = giữa kì 2 | giữa học kì 2 | giữa kì ii
    ck1 = cuối kì 1 | cuối học kì 1 | cuối kì i
    ck2 = cuối kì 2 | cuối học kì 2 | cuối kì ii
    tphcm = thành phố hồ chí minh | hồ chí minh
    hcm = hồ chí minh
    brvt = bà rịa vũng tàu
    hidro = hydrogen
    oxi = oxygen
    nitơ = nitrogen
    natri = sodium
    kali = potassium
    canxi = calcium
    magie = magnesium
    nhôm = aluminium
    photpho = phosphorus
    lưu huỳnh = sulfur
    flo = fluorine
    clo = chlorine
    brom = bromine
    iot = iodine
    axit = acid
    bazơ = base
    oxit = oxide
    hidroxit = hydroxide
    ancol = alcohol | rượu
    andehit = aldehyde
    este = ester
    amin = amine
    glucozơ = glucose
    saccarozơ = saccharose
    xenlulozơ = cellulose
    ankan = alkane
    anken = alkene
    ankin = alkyne
    metan = methane
    etilen = ethylene
    benzen = benzene
    protein = prôtêin
    adn = dna
    arn = rna
    enzim = enzyme
    lớp sáu = lớp 6
    lớp bảy = lớp 7
    lớp tám = lớp 8
    lớp chín = lớp 9
    lớp mười = lớp 10
    """,
    both=True,
)

# One form, several readings, or a form too common to be sought for every meaning: one direction only.
_ONE_WAY = _short(
    """
    tn = trắc nghiệm | tốt nghiệp | tự nhiên | thí nghiệm
    tl = tự luận | tài liệu
    gv = giáo viên
    hs = học sinh | hàm số
    pt = phương trình
    đt = đường thẳng | đồ thị
    mp = mặt phẳng
    hh = hình học | hóa học
    ds = đại số
    đs = đúng sai | đại số
    nb = nhận biết
    th = thông hiểu | tiểu học
    vd = vận dụng | ví dụ
    vdc = vận dụng cao
    bt = bài tập
    lt = lí thuyết | luyện tập
    kt = kiểm tra
    ktra = kiểm tra
    ktđg = kiểm tra đánh giá
    kscl = khảo sát chất lượng
    ôn tn = ôn tốt nghiệp | ôn thi tốt nghiệp
    đề tn = đề trắc nghiệm | đề tốt nghiệp
    đề kt = đề kiểm tra
    qg = quốc gia
    cd = cánh diều | chuyên đề
    cđ = chuyên đề | cao đẳng | chủ đề
    bg = bài giảng
    bgđt = bài giảng điện tử
    elearning = bài giảng điện tử
    ppt = bài trình chiếu
    powerpoint = bài trình chiếu
    slide = bài trình chiếu
    giáo án = kế hoạch bài dạy
    ma trận = ma trận đề | bản đặc tả
    đề cương = ôn tập
    pp = phương pháp
    đl = định luật | địa lí
    ct = công thức | chương trình
    dđđh = dao động điều hòa
    đh = đạo hàm | đại học
    tp = tích phân | tác phẩm | thành phố
    nh = nguyên hàm
    bd = bình dương
    đn = đồng nai | định nghĩa
    cần thơ = cần thơ
    ll = lí luận
    vh = văn học
    pbch = phát biểu cảm nghĩ
    vocab = từ vựng
    grammar = ngữ pháp
    """,
    both=False,
)

# Aliases of the subject list that do not already stand inside the subject's own name.
_SUBJECTS = _short(
    """
    tv = tiếng việt
    nv = ngữ văn
    math = toán
    maths = toán
    av = tiếng anh
    ta = tiếng anh
    anh văn = tiếng anh
    english = tiếng anh
    ngoại ngữ 1 = tiếng anh
    ktpl = giáo dục kinh tế và pháp luật
    kinh tế pháp luật = giáo dục kinh tế và pháp luật
    gdkt pl = giáo dục kinh tế và pháp luật
    gdcd = giáo dục kinh tế và pháp luật
    lsdl = lịch sử và địa lí
    ls đl = lịch sử và địa lí
    sử địa = lịch sử và địa lí
    ls = lịch sử
    physics = vật lí
    chemistry = hóa học
    biology = sinh học
    informatics = tin học
    cn = công nghệ
    td = thể dục | giáo dục thể chất
    thể dục = giáo dục thể chất
    vẽ = mĩ thuật
    quốc phòng = giáo dục quốc phòng và an ninh
    gdqpan = giáo dục quốc phòng và an ninh
    hdtnhn = hoạt động trải nghiệm hướng nghiệp
    hđtn hn = hoạt động trải nghiệm hướng nghiệp
    tiếng khmer = tiếng dân tộc thiểu số
    tiếng chăm = tiếng dân tộc thiểu số
    tiếng hoa = tiếng dân tộc thiểu số
    """,
    both=False,
)

# In grades 6 to 9 the old subjects are taught inside joint ones, but people type the old names.
_LOWER_SECONDARY = frozenset("6789")
_OLD_SUBJECTS = tuple(
    Entry(old, (joint,), grades=_LOWER_SECONDARY)
    for joint, olds in (
        ("khoa học tự nhiên", ("vật lí", "lí", "hóa học", "hóa", "sinh học", "sinh")),
        ("lịch sử và địa lí", ("lịch sử", "sử", "địa lí", "địa")),
    )
    for old in olds
)

TABLE: tuple[Entry, ...] = _TWO_WAY + _ONE_WAY + _SUBJECTS + _OLD_SUBJECTS


def _key(text: str) -> tuple[str, ...]:
    return tuple(words(fold(text)))


class Expander:
    """Opens the short forms of a query. Built from a table; holds no state of a query."""

    def __init__(self, table: Iterable[Entry] = TABLE) -> None:
        self._table = tuple(table)
        self._more: tuple[tuple[Entry, ...], Expander] | None = None
        self._means: dict[tuple[str, ...], list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        for entry in self._table:
            form = _key(entry.form)
            for meaning in entry.means:
                self._add(form, _key(meaning), entry.grades)
                if entry.both:
                    self._add(_key(meaning), form, entry.grades)

    def plus(self, more: tuple[Entry, ...]) -> Expander:
        """This table and the entries that an installation keeps beside it."""
        if not more:
            return self
        held = self._more
        if held is None or held[0] != more:
            held = self._more = (more, Expander(self._table + more))
        return held[1]

    def _add(self, form: tuple[str, ...], meaning: tuple[str, ...], grades: frozenset[str]) -> None:
        if form == meaning or not form:
            return
        known = self._means.setdefault(form, [])
        if (meaning, grades) not in known:
            known.append((meaning, grades))

    def parts(self, text: str) -> list[Part]:
        """The query cut into parts, longest known forms first; a word in no form is a part of its own.

        `typed` holds exact words (accents kept), `others` folded ones.
        """
        typed = words(exact(text))
        bare = [fold(word) for word in typed]
        named = set(bare)
        parts: list[Part] = []
        at = 0
        while at < len(typed):
            for size in range(min(LONGEST_FORM, len(typed) - at), 0, -1):
                stretch = tuple(bare[at : at + size])
                others = self._of(stretch, named)
                if others or size == 1:
                    parts.append(Part(tuple(typed[at : at + size]), others))
                    at += size
                    break
        return parts

    def _of(self, stretch: tuple[str, ...], named: set[str]) -> tuple[tuple[str, ...], ...]:
        found = self._means.get(stretch, [])
        if not found and len(stretch) > 1 and all(len(word) <= 4 for word in stretch):
            found = self._means.get(("".join(stretch),), [])
        return tuple(dict.fromkeys(m for m, grades in found if not grades or grades & named))
