"""Lịch sử, Địa lí, Giáo dục kinh tế và pháp luật, Tin học, Ngữ văn and Tiếng Anh."""

from __future__ import annotations

from collections.abc import Iterator

from app.demo.questions.model import DemoQuestion, at, group, short, single, vn


def questions() -> Iterator[DemoQuestion]:
    for part in (_history, _geography, _law_and_computing, _more_computing, _literature, _english):
        yield from part()


def _history() -> Iterator[DemoQuestion]:
    yield single(
        at("LICHSU", 12, 1, "BIET"),
        "Liên hợp quốc chính thức được thành lập vào năm nào?",
        ["1945", "1941", "1947", "1950"],
        "Hiến chương Liên hợp quốc có hiệu lực ngày 24/10/1945.",
        ("Liên hợp quốc",),
    )
    yield single(
        at("LICHSU", 12, 2, "BIET"),
        "Hiệp hội các quốc gia Đông Nam Á (ASEAN) được thành lập năm 1967 tại",
        ["Băng Cốc (Thái Lan).", "Gia-các-ta (In-đô-nê-xi-a).", "Ma-ni-la (Phi-líp-pin).", "Hà Nội (Việt Nam)."],
        "Tuyên bố Băng Cốc ngày 8/8/1967 do năm nước sáng lập kí kết.",
        ("ASEAN",),
    )
    yield single(
        at("LICHSU", 12, 2, "BIET"),
        "Việt Nam trở thành thành viên chính thức của ASEAN vào năm",
        ["1995.", "1992.", "1997.", "1999."],
        "Việt Nam gia nhập ASEAN ngày 28/7/1995.",
        ("ASEAN",),
    )
    yield single(
        at("LICHSU", 12, 3, "BIET"),
        "Ngày 2/9/1945, tại Quảng trường Ba Đình (Hà Nội), Chủ tịch Hồ Chí Minh đọc văn kiện nào?",
        [
            "Tuyên ngôn Độc lập.",
            "Lời kêu gọi toàn quốc kháng chiến.",
            "Đường Kách mệnh.",
            "Chỉ thị Nhật – Pháp bắn nhau và hành động của chúng ta.",
        ],
        "Tuyên ngôn Độc lập khai sinh nước Việt Nam Dân chủ Cộng hoà.",
        ("Cách mạng tháng Tám",),
    )
    yield single(
        at("LICHSU", 12, 4, "BIET"),
        "Đường lối Đổi mới đất nước được Đảng đề ra lần đầu tại Đại hội đại biểu toàn quốc lần thứ",
        ["VI (1986).", "V (1982).", "VII (1991).", "IV (1976)."],
        "Đại hội VI (12/1986) mở đầu công cuộc Đổi mới.",
        ("Đổi mới",),
    )
    yield group(
        at("LICHSU", 12, 3, "HIEU"),
        "“Chúng ta muốn hoà bình, chúng ta đã nhân nhượng. Nhưng chúng ta càng nhân nhượng, thực dân Pháp càng lấn tới, vì "
        "chúng quyết tâm cướp nước ta lần nữa!” (Hồ Chí Minh, *Lời kêu gọi toàn quốc kháng chiến*, 19/12/1946)",
        [
            ("Đoạn trích thể hiện thiện chí hoà bình của Việt Nam.", True),
            ("Văn kiện ra đời khi cuộc kháng chiến toàn quốc chống thực dân Pháp bùng nổ.", True),
            ("Việt Nam chủ động gây chiến để mở rộng lãnh thổ.", False),
            ("Trước đó, Việt Nam từng kí với Pháp Hiệp định Sơ bộ ngày 6/3/1946.", True),
        ],
        "Trước ngày 19/12/1946, Chính phủ ta đã kí Hiệp định Sơ bộ (6/3) và Tạm ước (14/9) để giữ hoà bình; Pháp bội ước "
        "nên nhân dân ta buộc phải kháng chiến.",
        ("kháng chiến chống Pháp", "tư liệu"),
    )
    yield group(
        at("LICHSU", 11, 5, "HIEU"),
        "Xét các phát biểu về cuộc cải cách của Hồ Quý Ly cuối thế kỉ XIV – đầu thế kỉ XV.",
        [
            ("Hồ Quý Ly cho phát hành tiền giấy.", True),
            ("Chính sách hạn điền nhằm hạn chế ruộng đất của quý tộc, địa chủ.", True),
            ("Cải cách đề cao chữ Nôm trong giáo dục.", True),
            ("Cải cách giúp nhà Hồ đánh thắng quân Minh xâm lược năm 1407.", False),
        ],
        "Nhà Hồ phát hành tiền giấy Thông bảo hội sao (1396), hạn điền, hạn nô, dịch sách chữ Nho ra chữ Nôm; nhưng năm 1407 "
        "cuộc kháng chiến chống quân Minh thất bại.",
        ("cải cách",),
    )
    yield single(
        at("LICHSU", 10, 4, "BIET"),
        "Phát minh nào được coi là mở đầu cho Cách mạng công nghiệp lần thứ nhất trong ngành dệt ở Anh?",
        ["Thoi bay của Giôn Cay", "Bóng đèn điện", "Máy tính điện tử", "Động cơ đốt trong"],
        "Năm 1733, Giôn Cay phát minh ra thoi bay, năng suất dệt tăng gấp đôi.",
        ("cách mạng công nghiệp",),
    )
    yield single(
        at("LICHSU", 10, 6, "BIET"),
        "Văn minh Văn Lang – Âu Lạc hình thành chủ yếu trên lưu vực các con sông nào?",
        [
            "Sông Hồng, sông Mã, sông Cả",
            "Sông Thu Bồn, sông Trà Khúc",
            "Sông Tiền, sông Hậu",
            "Sông Đồng Nai, sông Vàm Cỏ",
        ],
        "Đây là vùng Bắc Bộ và Bắc Trung Bộ ngày nay, gắn với văn hoá Đông Sơn.",
        ("Văn Lang – Âu Lạc",),
    )


def _geography() -> Iterator[DemoQuestion]:
    yield single(
        at("DIALI", 12, 1, "BIET"),
        "Khí hậu nước ta có tính chất cơ bản là",
        ["nhiệt đới ẩm gió mùa.", "ôn đới hải dương.", "cận nhiệt Địa Trung Hải.", "xích đạo nóng ẩm quanh năm."],
        "Vị trí trong vùng nội chí tuyến, giáp Biển Đông và nằm trong khu vực gió mùa châu Á quy định tính chất đó.",
        ("khí hậu",),
    )
    yield single(
        at("DIALI", 12, 4, "BIET"),
        "Vùng có sản lượng lúa lớn nhất nước ta là",
        ["Đồng bằng sông Cửu Long.", "Đồng bằng sông Hồng.", "Bắc Trung Bộ.", "Đông Nam Bộ."],
        "Đồng bằng sông Cửu Long đóng góp hơn một nửa sản lượng lúa cả nước.",
        ("lúa gạo",),
    )
    yield single(
        at("DIALI", 12, 2, "HIEU"),
        "Cơ cấu dân số theo tuổi của nước ta đang biến đổi theo hướng",
        [
            "giảm tỉ lệ trẻ em, tăng tỉ lệ người cao tuổi.",
            "tăng tỉ lệ trẻ em, giảm tỉ lệ người cao tuổi.",
            "tăng cả tỉ lệ trẻ em và người cao tuổi.",
            "không thay đổi.",
        ],
        "Mức sinh giảm và tuổi thọ tăng làm dân số già hoá.",
        ("dân số",),
    )
    for area, people, name in ((2095, 9_500_000, "A"), (1439, 1_250_000, "B")):
        value = round(people / area)
        yield short(
            at("DIALI", 12, 2, "HIEU"),
            f"Tỉnh {name} có diện tích ${area}\\ \\mathrm{{km^2}}$ và số dân {people:,} người.".replace(",", " ")
            + " Mật độ dân số của tỉnh là bao nhiêu người trên một ki-lô-mét vuông (làm tròn đến hàng đơn vị)?",
            vn(value, 0),
            f"Mật độ dân số = số dân : diện tích ≈ ${value}$ người/km².",
            ("mật độ dân số", "tính toán"),
        )
    yield group(
        at("DIALI", 12, 1, "HIEU"),
        "Xét các phát biểu về gió mùa Đông Bắc ở nước ta.",
        [
            ("Gió thổi từ trung tâm áp cao Xi-bia.", True),
            ("Nửa đầu mùa đông, gió gây thời tiết lạnh khô ở miền Bắc.", True),
            ("Gió ảnh hưởng mạnh nhất đến Nam Bộ.", False),
            ("Nửa sau mùa đông, gió đi qua biển gây mưa phùn ở đồng bằng Bắc Bộ.", True),
        ],
        "Gió mùa Đông Bắc suy yếu dần khi xuống phía nam, hầu như bị chặn lại ở dãy Bạch Mã.",
        ("gió mùa",),
    )
    yield single(
        at("DIALI", 10, 3, "HIEU"),
        "Khi khu vực giờ gốc (múi giờ số 0) là 5 giờ ngày 1/1 thì ở Việt Nam (múi giờ số 7) là",
        ["12 giờ ngày 1/1.", "22 giờ ngày 31/12.", "7 giờ ngày 1/1.", "2 giờ ngày 1/1."],
        "Việt Nam sớm hơn giờ gốc 7 giờ: 5 + 7 = 12 giờ.",
        ("giờ trên Trái Đất",),
    )
    yield single(
        at("DIALI", 11, 6, "BIET"),
        "Quốc gia nào sau đây thuộc Đông Nam Á lục địa?",
        ["Lào", "Phi-líp-pin", "In-đô-nê-xi-a", "Bru-nây"],
        "Đông Nam Á lục địa gồm Việt Nam, Lào, Cam-pu-chia, Thái Lan, Mi-an-ma (và một phần Ma-lai-xi-a).",
        ("Đông Nam Á",),
    )


def _law_and_computing() -> Iterator[DemoQuestion]:
    yield single(
        at("GDKTPL", 10, 2, "BIET"),
        "Khi cung lớn hơn cầu thì giá cả hàng hoá trên thị trường thường",
        ["giảm.", "tăng.", "không đổi.", "bằng giá trị sử dụng."],
        "Cung lớn hơn cầu khiến người bán cạnh tranh với nhau, giá cả giảm xuống.",
        ("cung cầu",),
    )
    yield single(
        at("GDKTPL", 10, 9, "BIET"),
        "Văn bản có hiệu lực pháp lí cao nhất trong hệ thống pháp luật Việt Nam là",
        ["Hiến pháp.", "Bộ luật Hình sự.", "nghị định của Chính phủ.", "thông tư của bộ trưởng."],
        "Hiến pháp là luật cơ bản; mọi văn bản khác phải phù hợp với Hiến pháp.",
        ("Hiến pháp",),
    )
    yield group(
        at("GDKTPL", 12, 6, "HIEU"),
        "Gia đình chị Lan thu nhập 20 triệu đồng mỗi tháng, chi thiết yếu 11 triệu, tiết kiệm 4 triệu, còn lại dành cho học "
        "tập và giải trí.",
        [
            ("Gia đình chị Lan tiết kiệm $20\\%$ thu nhập mỗi tháng.", True),
            ("Khoản chi cho học tập và giải trí là $5$ triệu đồng.", True),
            ("Chi thiết yếu chiếm chưa đến một nửa thu nhập.", False),
            ("Ghi chép thu, chi hằng ngày giúp gia đình chủ động về tài chính.", True),
        ],
        "4 : 20 = 20%; 20 − 11 − 4 = 5 triệu; 11 : 20 = 55%, hơn một nửa.",
        ("quản lí thu chi",),
    )
    yield single(
        at("TINHOC", 10, 6, "HIEU"),
        "Đoạn chương trình Python sau in ra gì?\n\n```\ns = 0\nfor i in range(1, 5):\n    s = s + i\nprint(s)\n```",
        ["10", "15", "5", "4"],
        "`range(1, 5)` gồm 1, 2, 3, 4 nên tổng bằng 10.",
        ("Python",),
    )
    yield single(
        at("TINHOC", 10, 4, "BIET"),
        "Hành vi nào sau đây vi phạm bản quyền phần mềm?",
        [
            "Bẻ khoá phần mềm thương mại để dùng không trả phí",
            "Dùng phần mềm nguồn mở theo đúng giấy phép",
            "Mua giấy phép dùng phần mềm cho phòng máy",
            "Dùng thử phần mềm trong thời hạn được phép",
        ],
        "Bẻ khoá (crack) phần mềm thương mại là xâm phạm quyền của tác giả.",
        ("bản quyền",),
    )


def _more_computing() -> Iterator[DemoQuestion]:
    yield group(
        at("TINHOC", 11, 4, "HIEU"),
        "Bạn Minh nhận được thư điện tử lạ báo trúng thưởng, yêu cầu bấm vào đường dẫn và nhập mật khẩu tài khoản.",
        [
            ("Đây có dấu hiệu của một thư lừa đảo.", True),
            ("Nên kiểm tra kĩ địa chỉ người gửi và địa chỉ trang web.", True),
            ("Chỉ cần trang web có biểu tượng ổ khoá thì chắc chắn an toàn.", False),
            ("Bật xác thực hai bước giúp hạn chế hậu quả khi lộ mật khẩu.", True),
        ],
        "Ổ khoá chỉ cho biết đường truyền được mã hoá, không bảo đảm trang web là thật.",
        ("an toàn mạng",),
    )
    yield single(
        at("LSDL", 7, None, "BIET"),
        "Người tìm ra châu Mỹ trong chuyến đi năm 1492 là",
        ["C. Cô-lôm-bô.", "Ph. Ma-gien-lăng.", "V. Ga-ma.", "B. Đi-a-xơ."],
        "Năm 1492, C. Cô-lôm-bô dẫn đầu đoàn thuỷ thủ Tây Ban Nha đi về hướng tây và đến châu Mỹ.",
        ("phát kiến địa lí",),
    )


def _literature() -> Iterator[DemoQuestion]:
    yield single(
        at("NGUVAN", 9, 1, "BIET"),
        "“Thuyền về có nhớ bến chăng / Bến thì một dạ khăng khăng đợi thuyền.” (Ca dao) Biện pháp tu từ nổi bật của câu ca "
        "dao là",
        ["ẩn dụ.", "nói quá.", "liệt kê.", "chơi chữ."],
        "“Thuyền” và “bến” là ẩn dụ chỉ người đi xa và người ở lại thuỷ chung chờ đợi.",
        ("biện pháp tu từ",),
    )
    yield single(
        at("NGUVAN", 10, 1, "BIET"),
        "Thể thơ của *Truyện Kiều* (Nguyễn Du) là",
        ["lục bát.", "song thất lục bát.", "thất ngôn bát cú.", "ngũ ngôn."],
        "*Truyện Kiều* gồm 3 254 câu thơ lục bát.",
        ("thể thơ",),
    )
    yield single(
        at("NGUVAN", 6, 1, "BIET"),
        "Truyện *Thánh Gióng* thuộc thể loại nào?",
        ["Truyền thuyết", "Truyện cười", "Truyện ngụ ngôn", "Truyện ngắn hiện đại"],
        "Truyền thuyết kể về sự kiện, nhân vật có liên quan đến lịch sử, có yếu tố kì ảo.",
        ("truyền thuyết",),
    )


def _english() -> Iterator[DemoQuestion]:
    grammar = (
        (
            12, "HIEU", "If she ______ harder, she would have passed the exam.",
            ["had studied", "studied", "has studied", "would study"],
            "Câu điều kiện loại 3: *If + past perfect, would have + V3*.", "conditionals",
        ),
        (
            12, "BIET", "The report ______ by the secretary yesterday afternoon.",
            ["was typed", "typed", "is typed", "has typed"],
            "Bị động thì quá khứ đơn: *was/were + V3*.", "passive voice",
        ),
        (
            11, "BIET", "My grandparents ______ in this village since 1975.",
            ["have lived", "lived", "are living", "live"],
            "*Since + mốc thời gian* đi với thì hiện tại hoàn thành.", "tenses",
        ),
        (
            10, "BIET", "The girl ______ is talking to Ms. Hoa is my cousin.",
            ["who", "which", "whose", "whom"],
            "Đại từ quan hệ *who* thay cho người, làm chủ ngữ.", "relative clauses",
        ),
        (
            9, "BIET", "I wish I ______ a bird so that I could fly.",
            ["were", "am", "will be", "have been"],
            "*Wish* ở hiện tại: động từ lùi về quá khứ, *be* dùng *were*.", "wish",
        ),
    )  # fmt: skip
    for grade, level, stem, options, why, tag in grammar:
        yield single(at("TIENGANH", grade, 11, level), stem, options, why, (tag,))
    yield single(
        at("TIENGANH", 12, 10, "HIEU"),
        "Choose the word CLOSEST in meaning to the underlined word: We should *protect* wild animals from illegal hunting.",
        ["preserve", "attack", "ignore", "collect"],
        "*protect* = *preserve*: bảo vệ, gìn giữ.",
        ("synonyms",),
    )
    yield single(
        at("TIENGANH", 12, 9, "BIET"),
        "Choose the word whose stress pattern differs from the others.",
        ["exam", "lesson", "student", "teacher"],
        "*exam* nhấn âm tiết thứ hai; ba từ còn lại nhấn âm tiết thứ nhất.",
        ("stress",),
    )
    yield group(
        at("TIENGANH", 12, 7, "HIEU"),
        "Read the passage: *Can Tho is the largest city in the Mekong Delta. Visitors often get up before sunrise to see the Cai "
        "Rang floating market, where boats sell fruit and vegetables. The market is busiest from five to eight in the morning.*",
        [
            ("Can Tho is in the Mekong Delta.", True),
            ("The floating market is busiest in the afternoon.", False),
            ("People sell fruit from boats at Cai Rang market.", True),
            ("Visitors who want to see the busiest time should go early.", True),
        ],
        "The market is busiest from five to eight in the morning, so statement b is false.",
        ("reading",),
    )
