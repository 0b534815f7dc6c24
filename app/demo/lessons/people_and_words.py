"""Lessons of Lịch sử, Địa lí, Ngữ văn, Tiếng Anh, Âm nhạc and life at school; and those not yet, or no more, public."""

from __future__ import annotations

from app.demo.lessons import media, office, packages
from app.demo.lessons.model import Shelf, made
from app.demo.lessons.outline import outline
from app.demo.lessons.pdf import pdf

RAIN = (13.8, 4.1, 10.5, 50.4, 218.4, 311.7, 293.7, 269.8, 327.1, 266.7, 116.5, 48.3)
HEAT = (25.7, 26.6, 27.9, 28.9, 28.3, 27.5, 27.1, 27.1, 26.8, 26.7, 26.4, 25.7)

ASEAN = outline(
    "ASEAN: những chặng đường lịch sử",
    """
    # Ra đời
    - Ngày 8/8/1967: năm nước In-đô-nê-xi-a, Ma-lai-xi-a, Phi-líp-pin, Thái Lan, Xin-ga-po kí Tuyên bố Băng Cốc
    # Mở rộng
    | Năm | Thành viên mới |
    | 1984 | Bru-nây |
    | 1995 | Việt Nam |
    | 1997 | Lào, Mi-an-ma |
    | 1999 | Cam-pu-chia |
    | 2025 | Ti-mo Lét-xtê |
    # Cộng đồng ASEAN
    - Thành lập ngày 31/12/2015 với ba trụ cột: chính trị – an ninh, kinh tế, văn hoá – xã hội
    # Thảo luận
    Gia nhập ASEAN đem lại cho Việt Nam những thời cơ và thách thức nào?
    """,
)
AUGUST = outline(
    "Cách mạng tháng Tám năm 1945",
    """
    # Thời cơ
    Giữa tháng 8/1945, Nhật Bản đầu hàng Đồng minh không điều kiện; quân Nhật ở Đông Dương hoang mang, chính quyền thân Nhật \
    tê liệt. Thời cơ ngàn năm có một đã đến.
    # Diễn biến chính
    - 13/8: Uỷ ban Khởi nghĩa toàn quốc ra Quân lệnh số 1
    - 16 – 17/8: Đại hội Quốc dân họp ở Tân Trào
    - 19/8: khởi nghĩa thắng lợi ở Hà Nội
    - 23/8: Huế; 25/8: Sài Gòn
    - 30/8: vua Bảo Đại thoái vị
    - 2/9: Chủ tịch Hồ Chí Minh đọc Tuyên ngôn Độc lập
    # Ý nghĩa
    Phá tan ách thống trị của thực dân và phát xít, lật đổ chế độ quân chủ, mở ra kỉ nguyên độc lập, tự do cho dân tộc.
    """,
)
DELTA = outline(
    "Đồng bằng sông Cửu Long: thế mạnh và thách thức",
    """
    # Vị trí và quy mô
    Vùng nằm ở cuối đất nước về phía nam, diện tích khoảng 4 triệu héc-ta, là châu thổ lớn nhất nước ta.
    # Thế mạnh
    - Đất phù sa ngọt ven sông Tiền, sông Hậu rất màu mỡ
    - Khí hậu cận xích đạo, lượng nhiệt lớn, mưa tập trung từ tháng 5 đến tháng 11
    - Mạng lưới kênh rạch chằng chịt, thuận lợi cho giao thông, nuôi trồng thuỷ sản
    # Thách thức
    - Xâm nhập mặn vào mùa khô ngày càng sâu
    - Sạt lở bờ sông, bờ biển; sụt lún đất
    - Lượng phù sa về hạ lưu giảm
    # Hướng thích ứng
    Chuyển đổi cơ cấu mùa vụ, mô hình lúa – tôm, trữ nước ngọt, trồng rừng ngập mặn, sống chung với hạn mặn.
    """,
)
FLOATING = outline(
    "Chợ nổi Cái Răng: một nét văn hoá sông nước",
    """
    # Chợ họp ở đâu?
    Trên sông Cần Thơ, cách bến Ninh Kiều chừng nửa giờ đi thuyền; nhộn nhịp nhất từ 5 đến 8 giờ sáng.
    # Cây bẹo
    Người bán treo món hàng lên một cây sào gọi là cây bẹo: bán khóm treo khóm, bán bí treo bí.
    # Di sản
    Văn hoá chợ nổi Cái Răng là Di sản văn hoá phi vật thể quốc gia (2016).
    # Em làm gì?
    - Phỏng vấn một người bán hàng về một ngày của họ
    - Đề xuất một việc giữ sạch dòng sông
    """,
)
FOLK = outline(
    "Đọc hiểu: Ca dao về tình yêu quê hương, đất nước",
    """
    # Văn bản
    Đường vô xứ Nghệ quanh quanh,
    Non xanh nước biếc như tranh hoạ đồ.
    # Câu hỏi
    - Xác định thể thơ và phương thức biểu đạt
    - Từ láy “quanh quanh” gợi tả điều gì?
    - Phân tích hiệu quả của phép so sánh trong câu thứ hai
    - Viết đoạn văn khoảng 150 chữ về vẻ đẹp quê hương em
    # Gợi ý
    Thơ lục bát; biểu cảm kết hợp miêu tả; phép so sánh “như tranh hoạ đồ” làm nổi bật vẻ đẹp nên thơ và niềm tự hào.
    """,
)
KIEU = outline(
    "Truyện Kiều: đoạn trích Kiều ở lầu Ngưng Bích",
    """
    # Tác giả
    Nguyễn Du (1765 – 1820), đại thi hào dân tộc, danh nhân văn hoá thế giới.
    # Văn bản (trích)
    Trước lầu Ngưng Bích khoá xuân,
    Vẻ non xa tấm trăng gần ở chung.
    Bốn bề bát ngát xa trông,
    Cát vàng cồn nọ bụi hồng dặm kia.
    # Tìm hiểu
    - Không gian trước lầu Ngưng Bích được gợi tả qua những hình ảnh nào?
    - Bút pháp tả cảnh ngụ tình thể hiện ra sao trong tám câu cuối?
    """,
)
IFS = outline(
    "Conditional sentences: review sheet",
    """
    # Type 1: real in the future
    If + present simple, will + verb. Example: If it rains, we will stay at home.
    # Type 2: unreal in the present
    If + past simple, would + verb. Example: If I had more time, I would learn to play the guitar.
    # Type 3: unreal in the past
    If + past perfect, would have + past participle. Example: If she had studied harder, she would have passed the exam.
    # Practice
    - If I ______ (be) you, I would apologise.
    - If they ______ (leave) earlier, they would have caught the bus.
    - If you heat ice, it ______ (melt).
    """,
)
MARKET = outline(
    "A visit to Cai Rang floating market",
    """
    Last summer, Minh and his cousins got up before sunrise to visit Cai Rang floating market in Can Tho.
    # At the market
    Hundreds of boats were full of pineapples, pumpkins and watermelons. Each boat hung its goods on a tall pole so that buyers \
    could see from far away what it sold.
    # Breakfast on a boat
    They had a bowl of hu tieu on a small boat. The soup was hot, and the boat was rocking gently.
    # Questions
    - Why did Minh get up so early?
    - What is the pole for?
    - Would you like to visit the market? Why?
    """,
)
BUDGET = outline(
    "Lập kế hoạch chi tiêu gia đình",
    """
    Bảng theo dõi thu, chi một tháng. Điền số thực tế vào cột cuối rồi so với dự kiến.
    # Thu
    | Khoản thu (nghìn đồng) | Dự kiến | Thực tế |
    | Lương của bố | 11000 | 0 |
    | Lương của mẹ | 9000 | 0 |
    # Chi
    | Khoản chi (nghìn đồng) | Dự kiến | Thực tế |
    | Ăn uống | 6500 | 0 |
    | Điện, nước, mạng | 1500 | 0 |
    | Học tập | 3500 | 0 |
    | Đi lại | 1500 | 0 |
    | Giải trí | 1500 | 0 |
    | Tiết kiệm | 4000 | 0 |
    """,
)
DROWNING = outline(
    "Phòng tránh đuối nước",
    """
    # Vì sao phải học?
    Đuối nước là một trong những nguyên nhân hàng đầu gây tử vong do tai nạn ở trẻ em nước ta, nhất là dịp hè và mùa mưa lũ.
    # Năm điều cần nhớ
    - Học bơi ở nơi có người hướng dẫn
    - Không tắm sông, ao, hồ khi không có người lớn
    - Mặc áo phao khi đi thuyền, đò
    - Không chơi gần hố công trình, giếng, kênh không rào chắn
    - Thấy người đuối nước: hô to gọi người lớn, ném phao, sào, dây; không tự nhảy xuống
    # Số điện thoại cần nhớ
    - 112: tìm kiếm cứu nạn
    - 115: cấp cứu y tế
    - 111: bảo vệ trẻ em
    """,
)


def put_on(shelf: Shelf) -> None:
    shelf.add(
        ASEAN.title, "Bài trình chiếu với dòng thời gian mở rộng của ASEAN, cập nhật đến năm 2025.", "LICHSU", (12,),
        "TRINHCHIEU", (("asean-chang-duong.pptx", made(office.pptx, ASEAN)),), ("ASEAN", "Đông Nam Á"), ("LICHSU-12-02",),
        series="KNTT",
    )  # fmt: skip
    shelf.add(
        AUGUST.title, "Trang đọc tóm tắt thời cơ, diễn biến và ý nghĩa, kèm bản in PDF.", "LICHSU", (12,), "DECUONG",
        (("cach-mang-thang-tam.html", made(packages.page, AUGUST)), ("cach-mang-thang-tam.pdf", made(pdf, AUGUST))),
        ("Cách mạng tháng Tám", "Tuyên ngôn Độc lập"), ("LICHSU-12-03",), owner="giaovien2", authors=("Lâm Quốc Bảo",),
    )  # fmt: skip
    shelf.add(
        DELTA.title, "Tài liệu đọc về thế mạnh, hạn mặn và hướng thích ứng, viết từ thực tế địa phương.", "DIALI", (12,), "SACH",
        (("dong-bang-song-cuu-long.pdf", made(pdf, DELTA)),), ("Cửu Long", "xâm nhập mặn", "biến đổi khí hậu"),
        ("DIALI-12-04",), owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên",), series="KNTT",
    )  # fmt: skip
    shelf.add(
        "Biểu đồ khí hậu Thành phố Hồ Chí Minh", "Biểu đồ và số liệu mưa, nhiệt độ trung bình tháng để học sinh tập đọc và vẽ.",
        "DIALI", (12, 10), "HINHANH",
        (
            ("bieu-do-khi-hau.png", lambda: media.climate("Thành phố Hồ Chí Minh", RAIN, HEAT)),
            (
                "so-lieu-khi-hau.csv",
                lambda: media.rows(
                    [("Tháng", "Lượng mưa (mm)", "Nhiệt độ (°C)")]
                    + [(n, rain, heat) for n, (rain, heat) in enumerate(zip(RAIN, HEAT, strict=True), 1)]
                ),
            ),
        ),
        ("khí hậu", "biểu đồ", "lượng mưa"), ("DIALI-12-01",), licence="CC BY",
    )  # fmt: skip
    shelf.add(
        FLOATING.title, "Tài liệu giáo dục địa phương của Cần Thơ, có nhiệm vụ phỏng vấn và hành động.", "NDGDDP", (10, 11),
        "GDDP", (("cho-noi-cai-rang.odp", made(office.odp, FLOATING)),), ("chợ nổi", "Cần Thơ", "di sản"), (),
        owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên", "Lâm Quốc Bảo"),
    )  # fmt: skip
    shelf.add(
        FOLK.title, "Phiếu đọc hiểu có gợi ý chấm, dùng cho tiết luyện đọc.", "NGUVAN", (7,), "PHIEU",
        (("doc-hieu-ca-dao.docx", made(office.docx, FOLK)),), ("ca dao", "đọc hiểu", "lục bát"), ("NGUVAN-07-01",),
        series="CTST",
    )  # fmt: skip
    shelf.add(
        KIEU.title, "Văn bản và câu hỏi tìm hiểu; tác phẩm thuộc phạm vi công cộng.", "NGUVAN", (9,), "SACH",
        (("kieu-o-lau-ngung-bich.txt", made(packages.text, KIEU)), ("kieu-o-lau-ngung-bich.epub", made(packages.epub, KIEU))),
        ("Truyện Kiều", "Nguyễn Du", "tả cảnh ngụ tình"), ("NGUVAN-09-01",), licence="CC0",
    )  # fmt: skip
    shelf.add(
        IFS.title, "Bảng ôn ba loại câu điều kiện và trò chơi đúng/sai dạng H5P.", "TIENGANH", (12,), "TROCHOI",
        (
            ("conditionals.docx", made(office.docx, IFS)),
            (
                "conditionals.h5p",
                lambda: packages.h5p(
                    IFS.title,
                    [
                        ("“If I were you, I would apologise.” is a type 2 conditional.", True),
                        ("“If it will rain, we will stay at home.” is correct.", False),
                        ("Type 3 talks about the past.", True),
                    ],
                ),
            ),
        ),
        ("conditionals", "grammar"), ("TIENGANH-12-11",), language="en", licence="CC BY",
    )  # fmt: skip
    shelf.add(
        MARKET.title, "Bài đọc ngắn trình độ A2 với câu hỏi đọc hiểu.", "TIENGANH", (9,), "SACH",
        (("cai-rang-floating-market.epub", lambda: packages.epub(MARKET, "en")),), ("reading", "A2", "Can Tho"),
        ("TIENGANH-09-07",), language="en", owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên",), licence="CC BY",
    )  # fmt: skip
    shelf.add(
        BUDGET.title, "Bảng tính mẫu cho bài Quản lí thu, chi trong gia đình.", "GDKTPL", (12,), "STEM",
        (("ke-hoach-chi-tieu.xlsx", made(office.xlsx, BUDGET)),), ("thu chi", "tiết kiệm"), ("GDKTPL-12-06",), series="CD",
    )  # fmt: skip
    shelf.add(
        "Gam Đô trưởng: nghe và đọc theo", "Tệp nghe tám bậc của gam Đô trưởng, mỗi bậc nửa giây.", "AMNHAC", (6,), "AMTHANH",
        (("gam-do-truong.wav", media.scale),), ("đọc nhạc", "gam"), (), licence="CC0",
    )  # fmt: skip
    shelf.add(
        DROWNING.title, "Tờ tuyên truyền và slide sinh hoạt dưới cờ trước kì nghỉ hè.", "HDTN", (3, 4, 5), "HINHANH",
        (("phong-tranh-duoi-nuoc.pdf", made(pdf, DROWNING)), ("phong-tranh-duoi-nuoc.pptx", made(office.pptx, DROWNING))),
        ("an toàn", "kĩ năng sống"), (), licence="CC BY", authors=("Lê Thu Hà",),
    )  # fmt: skip
    _unfinished(shelf)


def _unfinished(shelf: Shelf) -> None:
    shelf.add(
        "Phiếu ôn tập: Hàm số lượng giác", "Đang soạn phần bài tập vận dụng.", "TOAN", (11,), "PHIEU",
        (("phieu-luong-giac.txt", lambda: "Phiếu ôn tập: Hàm số lượng giác\nBài 1. Tìm tập xác định.\n".encode()),),
        ("lượng giác",), ("TOAN-11-01",), state="draft",
    )  # fmt: skip
    shelf.add(
        "Ôn tập chương Dòng điện, mạch điện", "Đề cương một trang, chờ tổ chuyên môn góp ý.", "VATLI", (11,), "DECUONG",
        (
            (
                "dong-dien-mach-dien.odt",
                made(
                    office.odt,
                    outline(
                        "Ôn tập chương Dòng điện, mạch điện",
                        """
                        - Cường độ dòng điện I = q/t
                        - Định luật Ohm cho đoạn mạch: I = U/R
                        - Công suất tiêu thụ: P = UI
                        """,
                    ),
                ),
            ),
        ),
        ("định luật Ohm",), ("VATLI-11-04",), state="submitted",
    )  # fmt: skip
    shelf.add(
        "Đề kiểm tra 15 phút: Tập hợp", "Đề ngắn đầu năm lớp 10.", "TOAN", (10,), "DE",
        (("tap-hop-15-phut.txt", lambda: "Câu 1. Cho A = {1; 2; 3}, B = {2; 3; 4}. Tìm A ∩ B.\n".encode()),),
        ("tập hợp",), ("TOAN-10-01",), state="returned",
        comment="Cô bổ sung đáp án và thang điểm giúp tổ nhé; câu 3 nên đổi số liệu cho học sinh dễ tính.",
    )  # fmt: skip
    shelf.add(
        "Lịch kiểm tra giữa kì I năm học 2025–2026", "Lịch của năm học trước.", "HDTNHN", (10, 11, 12), "DE",
        (("lich-kiem-tra.txt", lambda: "Lịch kiểm tra giữa kì I năm học 2025–2026\nTuần 9: Toán, Ngữ văn\n".encode()),),
        ("lịch kiểm tra",), (), state="withdrawn", comment="Lịch đã hết hiệu lực, thay bằng lịch của năm học mới.",
    )  # fmt: skip
