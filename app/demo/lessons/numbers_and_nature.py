"""Lessons of Toán, Vật lí, Hoá học, Sinh học, Khoa học tự nhiên and Tin học."""

from __future__ import annotations

from app.demo.lessons import media, office, packages
from app.demo.lessons.model import Shelf, made
from app.demo.lessons.outline import outline
from app.demo.lessons.pdf import pdf
from app.demo.questions.gift import gift_of_grade_9

CUBIC = outline(
    "Khảo sát và vẽ đồ thị hàm số bậc ba",
    """
    # Mục tiêu
    - Nhận biết được hình dạng đồ thị của hàm số bậc ba
    - Vận dụng đạo hàm để tìm khoảng đơn điệu, cực trị và vẽ đồ thị
    # Sơ đồ khảo sát
    - Tìm tập xác định
    - Xét sự biến thiên: tính đạo hàm, tìm cực trị, giới hạn tại vô cực, lập bảng biến thiên
    - Vẽ đồ thị: tìm giao điểm với hai trục, lấy thêm điểm, vẽ đường cong trơn
    # Ví dụ
    Khảo sát hàm số y = x³ − 3x + 2.
    - Đạo hàm y' = 3x² − 3 bằng 0 tại x = −1 và x = 1
    - Hàm số đồng biến khi x < −1 và khi x > 1, nghịch biến khi −1 < x < 1
    - Điểm cực đại (−1; 4), điểm cực tiểu (1; 0)
    # Luyện tập
    | Hàm số | Số điểm cực trị |
    | y = x³ − 3x² + 1 | 2 |
    | y = x³ + x | 0 |
    | y = x³ − 3x² + 3x | 0 |
    """,
)
INTEGRALS = outline(
    "Phiếu học tập: Nguyên hàm và tích phân",
    """
    Họ và tên: ……………………………… Lớp: ………
    # Bài 1. Điền vào chỗ trống
    - Nguyên hàm của hàm số f(x) = 2x là ………
    - Nguyên hàm của hàm số f(x) = cos x là ………
    - Nguyên hàm của hàm số f(x) = 1/x trên khoảng (0; +∞) là ………
    # Bài 2. Tính diện tích
    Tính diện tích hình phẳng giới hạn bởi parabol y = x² và đường thẳng y = 3x.
    # Bài 3. Bài toán thực tế
    Một ô tô đang chạy với vận tốc 20 m/s thì người lái đạp phanh, ô tô chuyển động chậm dần đều với vận tốc v(t) = 20 − 5t \
    (m/s). Hỏi từ lúc đạp phanh đến khi dừng hẳn, ô tô còn đi được bao nhiêu mét?
    # Hướng dẫn tự chấm
    | Bài | Điểm |
    | 1 | 3 |
    | 2 | 3 |
    | 3 | 4 |
    """,
)
CHANCE = outline(
    "Đề ôn tập: Xác suất có điều kiện và công thức Bayes",
    """
    Thời gian làm bài: 45 phút. Đề gồm ba phần theo cấu trúc kì thi tốt nghiệp từ năm 2025.
    # Phần I. Câu trắc nghiệm nhiều phương án lựa chọn
    Câu 1. Cho hai biến cố A, B với P(B) = 0,4 và P(AB) = 0,1. Xác suất của A với điều kiện B bằng
    A. 0,25   B. 0,04   C. 0,5   D. 0,3
    # Phần II. Câu trắc nghiệm đúng sai
    Câu 1. Một hộp có 6 viên bi đỏ và 4 viên bi xanh. Lấy lần lượt hai viên không hoàn lại.
    - a) Xác suất viên thứ nhất màu đỏ là 0,6
    - b) Nếu viên thứ nhất màu đỏ thì xác suất viên thứ hai màu đỏ là 5/9
    - c) Xác suất cả hai viên màu đỏ là 0,36
    - d) Xác suất viên thứ hai màu đỏ là 0,6
    # Phần III. Câu trắc nghiệm trả lời ngắn
    Câu 1. Tỉ lệ mắc một bệnh là 2%. Xét nghiệm dương tính với 90% người bệnh và 4% người không bệnh. Một người có kết quả \
    dương tính; tính xác suất người đó mắc bệnh (làm tròn đến hàng phần trăm).
    # Đáp án
    Phần I: 1A. Phần II: Đ – Đ – S – Đ. Phần III: 0,31.
    """,
)
SEQUENCES = outline(
    "Cấp số cộng, cấp số nhân trong đời sống",
    """
    # Khi nào gặp cấp số cộng?
    Mỗi tháng bỏ ống thêm một số tiền cố định, số tiền trong ống lập thành một cấp số cộng. Số ghế ở các hàng của một rạp hát, \
    tiền cước taxi theo ki-lô-mét cũng vậy.
    # Khi nào gặp cấp số nhân?
    Tiền gửi ngân hàng theo thể thức lãi kép, số vi khuẩn sau mỗi lần nhân đôi, độ cao của quả bóng sau mỗi lần nảy là những \
    cấp số nhân.
    # Bài toán xếp ghế
    Một rạp hát có 20 hàng ghế, hàng đầu 15 ghế, mỗi hàng sau nhiều hơn hàng trước 2 ghế. Tổng số ghế là 20 · (15 + 53) : 2 = 680.
    # Bài toán lãi kép
    | Năm | Số tiền (triệu đồng) |
    | 0 | 100 |
    | 1 | 106 |
    | 2 | 112,36 |
    | 3 | 119,1016 |
    """,
)
VIETE = outline(
    "Định lí Viète và ứng dụng",
    """
    # Định lí
    Nếu phương trình ax² + bx + c = 0 (a khác 0) có hai nghiệm thì tổng hai nghiệm bằng −b/a, tích hai nghiệm bằng c/a.
    # Nhẩm nghiệm
    - Nếu a + b + c = 0 thì phương trình có hai nghiệm 1 và c/a
    - Nếu a − b + c = 0 thì phương trình có hai nghiệm −1 và −c/a
    # Tìm hai số khi biết tổng và tích
    Hai số có tổng S và tích P là hai nghiệm của phương trình x² − Sx + P = 0 (với S² − 4P không âm).
    # Ví dụ
    Một mảnh vườn hình chữ nhật có chu vi 28 m và diện tích 48 m². Hai cạnh có tổng 14, tích 48 nên là nghiệm của phương trình \
    x² − 14x + 48 = 0: 6 m và 8 m.
    # Bài tập tự luyện
    - Nhẩm nghiệm phương trình x² − 7x + 6 = 0
    - Tìm hai số có tổng 9 và tích 20
    - Không giải phương trình, tính tổng bình phương hai nghiệm của x² − 5x + 3 = 0
    """,
)
PARABOLA = outline(
    "Đồ thị hàm số y = ax²",
    """
    Đồ thị của hàm số y = ax² (a khác 0) là một đường parabol đi qua gốc toạ độ và nhận trục tung làm trục đối xứng.
    # Hình dạng
    - Nếu a > 0, đồ thị nằm phía trên trục hoành, gốc toạ độ là điểm thấp nhất
    - Nếu a < 0, đồ thị nằm phía dưới trục hoành, gốc toạ độ là điểm cao nhất
    # Cách vẽ
    | x | −2 | −1 | 0 | 1 | 2 |
    | y = x² | 4 | 1 | 0 | 1 | 4 |
    Cổng parabol, tia nước phun, cầu vượt là những hình ảnh parabol trong thực tế.
    """,
)
RATIOS = outline(
    "Kế hoạch bài dạy: Tính chất của dãy tỉ số bằng nhau",
    """
    # I. Mục tiêu
    - Kiến thức: phát biểu được tính chất của dãy tỉ số bằng nhau
    - Năng lực: vận dụng để giải bài toán chia tỉ lệ trong thực tế
    - Phẩm chất: chăm chỉ, trung thực khi hoạt động nhóm
    # II. Thiết bị dạy học
    Máy chiếu, phiếu học tập, thẻ màu.
    # III. Tiến trình dạy học
    | Hoạt động | Thời gian | Sản phẩm |
    | Khởi động: chia kẹo theo tỉ lệ 2 : 3 | 5 phút | Câu trả lời miệng |
    | Hình thành kiến thức | 15 phút | Phiếu số 1 |
    | Luyện tập | 15 phút | Phiếu số 2 |
    | Vận dụng: góp vốn kinh doanh | 10 phút | Bài trình bày nhóm |
    # IV. Điều chỉnh sau bài dạy
    ………………………………………………
    """,
)
DECIMALS = outline(
    "Trò chơi: Ô chữ số thập phân",
    """
    # Luật chơi
    - Lớp chia thành bốn đội, lần lượt chọn ô chữ
    - Trả lời đúng được 10 điểm, sai nhường quyền cho đội khác
    # Ô số 1
    Số thập phân gồm 5 đơn vị và 3 phần mười viết là gì?
    # Ô số 2
    So sánh 4,05 và 4,5.
    # Ô số 3
    Làm tròn 7,86 đến hàng phần mười.
    # Ô chìa khoá
    Nhà toán học Simon Stevin là người phổ biến cách viết số thập phân ở châu Âu.
    """,
)
BOYLE = outline(
    "Định luật Boyle: càng nén, áp suất càng tăng",
    """
    # Quan sát
    Bịt kín đầu một bơm tiêm rồi ấn pít-tông: càng ấn càng nặng tay. Thể tích khí giảm thì áp suất tăng.
    # Định luật
    Khi nhiệt độ của một lượng khí xác định không đổi, áp suất tỉ lệ nghịch với thể tích: pV = hằng số.
    # Số liệu thí nghiệm
    | Thể tích (cm³) | Áp suất (bar) | Tích pV |
    | 20 | 1,00 | 20,0 |
    | 16 | 1,25 | 20,0 |
    | 10 | 2,00 | 20,0 |
    # Vận dụng
    Bong bóng khí nổi từ đáy hồ lên mặt nước thì to dần vì áp suất của nước giảm dần.
    """,
)
FREE_FALL = outline(
    "Báo cáo thực hành: Đo gia tốc rơi tự do",
    """
    # Dụng cụ
    - Trụ thép rơi, nam châm điện, cổng quang điện, đồng hồ đo thời gian hiện số
    # Các bước
    - Đặt cổng quang điện cách vị trí thả một khoảng s
    - Thả trụ thép, đọc thời gian rơi t; lặp lại ba lần
    - Tính g = 2s/t²
    # Kết quả
    | s (m) | t1 (s) | t2 (s) | t3 (s) |
    | 0,4 | 0,286 | 0,285 | 0,286 |
    | 0,6 | 0,349 | 0,351 | 0,350 |
    | 0,8 | 0,404 | 0,404 | 0,405 |
    # Nhận xét
    Giá trị trung bình g khoảng 9,8 m/s². Sai số chủ yếu do phản xạ của đồng hồ và vị trí đặt cổng quang.
    """,
)
ESTERS = outline(
    "Ester – Lipid: tóm tắt lí thuyết",
    """
    # Ester
    Khi thay nhóm OH ở nhóm carboxyl của carboxylic acid bằng nhóm OR' thì được ester. Ester của acid đơn chức và alcohol đơn \
    chức có công thức chung RCOOR'.
    - Nhiều ester có mùi thơm: isoamyl acetate mùi chuối, ethyl butyrate mùi dứa
    - Phản ứng thuỷ phân trong môi trường acid là phản ứng thuận nghịch
    - Phản ứng trong môi trường kiềm là phản ứng một chiều, gọi là phản ứng xà phòng hoá
    # Lipid và chất béo
    Chất béo là triester của glycerol với các acid béo. Dầu thực vật chứa nhiều gốc acid béo không no nên ở thể lỏng.
    # Xà phòng và chất giặt rửa
    Xà phòng mất tác dụng trong nước cứng do tạo kết tủa với ion calcium và magnesium; chất giặt rửa tổng hợp thì không.
    """,
)
TITRATION = outline(
    "Phiếu thí nghiệm: Chuẩn độ acid – base",
    """
    # An toàn
    - Đeo kính bảo hộ và găng tay
    - Dung dịch NaOH ăn da: nếu dính, rửa ngay bằng nhiều nước
    # Cách tiến hành
    - Cho dung dịch NaOH 0,1 M vào burette, chỉnh về vạch 0
    - Dùng pipette lấy 10 mL dung dịch HCl vào bình tam giác, thêm 2 giọt phenolphthalein
    - Nhỏ từ từ NaOH, lắc đều, dừng khi dung dịch có màu hồng nhạt bền trong 10 giây
    # Bảng ghi
    | Lần | V NaOH (mL) |
    | 1 | |
    | 2 | |
    | 3 | |
    # Câu hỏi
    Vì sao cần làm ít nhất ba lần? Tính nồng độ dung dịch HCl.
    """,
)
POPULATION = outline(
    "Quần thể ngẫu phối và cân bằng Hardy – Weinberg",
    """
    Một quần thể ngẫu phối, kích thước lớn, không có chọn lọc, đột biến và di – nhập gene thì tần số allele không đổi qua các \
    thế hệ và thành phần kiểu gene là p² AA : 2pq Aa : q² aa.
    # Bảng tính theo tần số allele
    | p | q | AA | Aa | aa |
    | 0,9 | 0,1 | 0,81 | 0,18 | 0,01 |
    | 0,7 | 0,3 | 0,49 | 0,42 | 0,09 |
    | 0,5 | 0,5 | 0,25 | 0,5 | 0,25 |
    # Ví dụ
    Nếu 1% dân số mắc một bệnh do gene lặn thì q = 0,1 và có tới 18% số người mang gene bệnh mà không biểu hiện.
    """,
)
MITOSIS = outline(
    "Nguyên phân và giảm phân",
    """
    # Nguyên phân
    - Xảy ra ở tế bào sinh dưỡng và tế bào sinh dục sơ khai
    - Một lần phân bào, tạo hai tế bào con giống tế bào mẹ
    # Giảm phân
    - Xảy ra ở tế bào sinh dục chín
    - Hai lần phân bào, tạo bốn tế bào con có bộ nhiễm sắc thể giảm đi một nửa
    # So sánh
    | Tiêu chí | Nguyên phân | Giảm phân |
    | Số lần phân bào | 1 | 2 |
    | Số tế bào con | 2 | 4 |
    | Bộ nhiễm sắc thể của tế bào con | 2n | n |
    | Trao đổi chéo | Không | Có, ở kì đầu I |
    """,
)
DENSITY = outline(
    "Thực hành: Xác định khối lượng riêng",
    """
    # Chuẩn bị
    Cân điện tử, ống đong, vật rắn không thấm nước, nước.
    # Cách làm
    - Cân khối lượng m của vật
    - Đổ nước vào ống đong, ghi thể tích; thả vật vào, ghi thể tích mới; hiệu là thể tích V của vật
    - Tính D = m : V
    # Kết quả mẫu
    | Vật | m (g) | V (cm³) | D (g/cm³) |
    | Viên sỏi | 52 | 20 | 2,6 |
    | Khối nhôm | 54 | 20 | 2,7 |
    | Chìa khoá đồng | 43 | 5 | 8,6 |
    """,
)
LOOPS = outline(
    "Nhập môn Python: vòng lặp for",
    """
    # Vì sao cần vòng lặp?
    Máy tính không biết mệt: việc lặp đi lặp lại hãy để máy làm.
    # Cú pháp
    for i in range(5): lặp năm lần, i nhận các giá trị 0, 1, 2, 3, 4.
    # Ví dụ
    - Tính tổng các số từ 1 đến 100: đặt tong = 0, rồi với i trong range(1, 101) cộng i vào tong; kết quả 5050
    - In bảng cửu chương 7
    # Lỗi hay gặp
    - Quên dấu hai chấm cuối dòng for
    - Thụt lề không đều
    - Nhầm giới hạn: range(1, 10) không gồm số 10
    """,
)


def put_on(shelf: Shelf) -> None:
    shelf.add(
        CUBIC.title,
        "Bài trình chiếu kèm bản đọc cho tiết học khảo sát hàm số lớp 12: sơ đồ khảo sát, ví dụ mẫu và bài luyện có đáp án.",
        "TOAN", (12,), "TRINHCHIEU",
        (("khao-sat-ham-so-bac-ba.pptx", made(office.pptx, CUBIC)), ("khao-sat-ham-so-bac-ba.pdf", made(pdf, CUBIC))),
        ("đạo hàm", "cực trị", "bảng biến thiên"), ("TOAN-12-01",), series="KNTT",
    )  # fmt: skip
    shelf.add(
        INTEGRALS.title,
        "Phiếu in một tờ A4 cho hoạt động nhóm, từ điền khuyết đến bài toán quãng đường phanh xe.",
        "TOAN", (12,), "PHIEU", (("phieu-nguyen-ham-tich-phan.docx", made(office.docx, INTEGRALS)),),
        ("nguyên hàm", "tích phân"), ("TOAN-12-02",), series="KNTT",
    )  # fmt: skip
    shelf.add(
        CHANCE.title,
        "Đề 45 phút đủ ba phần theo cấu trúc thi tốt nghiệp từ 2025, có đáp án ở cuối.",
        "TOAN", (12,), "DE",
        (("de-xac-suat-co-dieu-kien.pdf", made(pdf, CHANCE)), ("de-xac-suat-co-dieu-kien.docx", made(office.docx, CHANCE))),
        ("xác suất", "Bayes", "đề ôn tập"), ("TOAN-12-06",), licence="CC BY",
    )  # fmt: skip
    shelf.add(
        SEQUENCES.title, "Chuyên đề gắn dãy số với tiết kiệm, lãi kép và xếp ghế rạp hát.", "TOAN", (11,), "CHUYENDE",
        (("cap-so-trong-doi-song.odt", made(office.odt, SEQUENCES)),), ("cấp số cộng", "cấp số nhân", "lãi kép"),
        ("TOAN-11-02",), series="CTST", authors=("Phạm Văn Lộc", "Đỗ Ngọc Ánh"),
    )  # fmt: skip
    shelf.add(
        VIETE.title, "Đề cương ôn thi vào lớp 10: phát biểu, nhẩm nghiệm, tìm hai số khi biết tổng và tích.", "TOAN", (9,),
        "DECUONG", (("dinh-li-viete.pdf", made(pdf, VIETE)),), ("Viète", "phương trình bậc hai", "ôn thi vào 10"),
        ("TOAN-09-05",), series="CD",
    )  # fmt: skip
    shelf.add(
        "Bộ câu hỏi trắc nghiệm Toán 9 (định dạng GIFT)",
        "Câu hỏi về hệ phương trình, định lí Viète và hình nón, nhập được vào Moodle.", "TOAN", (9,), "BOCAUHOI",
        (("toan-9.gift", gift_of_grade_9),), ("GIFT", "Moodle", "trắc nghiệm"), ("TOAN-09-05", "TOAN-09-10"), licence="CC BY",
    )  # fmt: skip
    shelf.add(
        PARABOLA.title, "Trang đọc và hình vẽ parabol dạng vector, phóng to không vỡ nét.", "TOAN", (9,), "HINHANH",
        (("parabol.html", made(packages.page, PARABOLA)), ("parabol.svg", media.parabola_svg)), ("parabol", "đồ thị"),
        ("TOAN-09-04",), owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên",),
    )  # fmt: skip
    shelf.add(
        RATIOS.title, "Giáo án một tiết theo công văn 5512, có hoạt động vận dụng góp vốn kinh doanh.", "TOAN", (7,), "KHBD",
        (("khbd-day-ti-so-bang-nhau.docx", made(office.docx, RATIOS)),), ("tỉ lệ thức", "giáo án"), ("TOAN-07-03",),
        series="KNTT", licence="CC BY-NC-SA",
    )  # fmt: skip
    shelf.add(
        DECIMALS.title, "Trò chơi khởi động 10 phút cho tiết ôn tập số thập phân lớp 5.", "TOAN", (5,), "TROCHOI",
        (("o-chu-so-thap-phan.pptx", made(office.pptx, DECIMALS)),), ("số thập phân", "trò chơi"), ("TOAN-05-02",),
        owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên",),
    )  # fmt: skip
    shelf.add(
        BOYLE.title, "Gói SCORM 1.2 tự học 15 phút: quan sát, phát biểu định luật, bảng số liệu và vận dụng.", "VATLI", (12,),
        "BGDT", (("dinh-luat-boyle.zip", made(packages.scorm, BOYLE)),), ("khí lí tưởng", "đẳng nhiệt", "SCORM"),
        ("VATLI-12-02",), series="KNTT",
    )  # fmt: skip
    shelf.add(
        "Dao động điều hoà và chuyển động tròn đều",
        "Video không lời 8 giây chiếu lặp lại khi giảng và ảnh động con lắc đơn.", "VATLI", (11,), "VIDEO",
        (("dao-dong-va-chuyen-dong-tron.webm", media.oscillation_webm), ("con-lac-don.gif", media.pendulum_gif)),
        ("dao động", "con lắc"), ("VATLI-11-01",), licence="CC BY",
    )  # fmt: skip
    shelf.add(
        "Hiện tượng phách: nghe hai âm gần nhau",
        "Hai âm 440 Hz và 444 Hz phát cùng lúc, tai nghe bốn lần to lên trong mỗi giây.", "VATLI", (11,), "AMTHANH",
        (("phach-440-444-hz.wav", media.beats),), ("sóng âm", "giao thoa", "phách"), ("VATLI-11-02",), licence="CC0",
    )  # fmt: skip
    shelf.add(
        FREE_FALL.title, "Mẫu báo cáo và bảng tính tự điền cho bài thực hành lớp 10.", "VATLI", (10,), "PHIEU",
        (("bao-cao-roi-tu-do.docx", made(office.docx, FREE_FALL)), ("so-lieu-roi-tu-do.xlsx", made(office.xlsx, FREE_FALL))),
        ("rơi tự do", "thực hành"), ("VATLI-10-02",), series="CTST", owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên",),
    )  # fmt: skip
    shelf.add(
        ESTERS.title, "Sách điện tử ngắn đọc trên điện thoại, tóm tắt chương Ester – Lipid.", "HOAHOC", (12,), "SACH",
        (("ester-lipid.epub", made(packages.epub, ESTERS)),), ("ester", "chất béo", "xà phòng"), ("HOAHOC-12-01",),
    )  # fmt: skip
    shelf.add(
        TITRATION.title, "Phiếu thực hành có phần an toàn phòng thí nghiệm và bảng ghi kết quả.", "HOAHOC", (11,), "PHIEU",
        (("phieu-chuan-do.odt", made(office.odt, TITRATION)),), ("chuẩn độ", "thực hành", "an toàn"), ("HOAHOC-11-01",),
        owner="giaovien2", authors=("Huỳnh Thị Mỹ Duyên", "Lâm Quốc Bảo"),
    )  # fmt: skip
    shelf.add(
        "Hai mươi nguyên tố đầu của bảng tuần hoàn", "Ảnh treo lớp, tô màu theo kim loại, phi kim và khí hiếm.", "HOAHOC",
        (10,), "HINHANH", (("hai-muoi-nguyen-to.png", media.elements),), ("bảng tuần hoàn", "nguyên tố"), ("HOAHOC-10-02",),
        licence="CC BY",
    )  # fmt: skip
    shelf.add(
        POPULATION.title, "Bảng tính cấu trúc di truyền theo tần số allele và bản tóm tắt dạng văn bản thuần.", "SINHHOC",
        (12,), "MOPHONG",
        (("hardy-weinberg.xlsx", made(office.xlsx, POPULATION)), ("hardy-weinberg.txt", made(packages.text, POPULATION))),
        ("di truyền quần thể", "allele"), ("SINHHOC-12-05",), series="KNTT",
    )  # fmt: skip
    shelf.add(
        MITOSIS.title, "Bài trình chiếu so sánh hai kiểu phân bào bằng bảng.", "SINHHOC", (10,), "TRINHCHIEU",
        (("nguyen-phan-giam-phan.pptx", made(office.pptx, MITOSIS)),), ("phân bào", "nhiễm sắc thể"), ("SINHHOC-10-06",),
        owner="giaovien2", authors=("Lâm Quốc Bảo",),
    )  # fmt: skip
    shelf.add(
        "Vòng tuần hoàn của nước", "Sơ đồ một trang cho lớp 6: bay hơi, ngưng tụ, mưa, chảy về sông biển.", "KHTN", (6,),
        "HINHANH", (("vong-tuan-hoan-cua-nuoc.png", media.water_cycle),), ("nước", "bay hơi", "ngưng tụ"), ("KHTN-06-04",),
        licence="CC BY",
    )  # fmt: skip
    shelf.add(
        DENSITY.title, "Phiếu thực hành lớp 8 và bảng số liệu mẫu.", "KHTN", (8,), "PHIEU",
        (("khoi-luong-rieng.docx", made(office.docx, DENSITY)), ("khoi-luong-rieng.ods", made(office.ods, DENSITY))),
        ("khối lượng riêng", "thực hành"), ("KHTN-08-03",), series="CD",
    )  # fmt: skip
    shelf.add(
        LOOPS.title, "Bài tự học đầu tiên về vòng lặp, kèm các lỗi học sinh hay gặp.", "TINHOC", (10,), "CHUYENDE",
        (("vong-lap-for.html", made(packages.page, LOOPS)), ("vong-lap-for.md", made(packages.markdown, LOOPS))),
        ("Python", "lập trình"), ("TINHOC-10-06",), licence="CC BY", owner="giaovien2", authors=("Lâm Quốc Bảo",),
    )  # fmt: skip
