"""Hoá học, Sinh học and Khoa học tự nhiên."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from app.demo.questions.model import DemoQuestion, at, frac, group, short, single, tex, vn


def questions() -> Iterator[DemoQuestion]:
    for part in (_chemistry, _counted_chemistry, _biology, _more_biology, _counted_biology, _science):
        yield from part()


def _chemistry() -> Iterator[DemoQuestion]:
    yield single(
        at("HOAHOC", 12, 1, "BIET"),
        "Ester nào sau đây được tạo thành từ acetic acid và ethyl alcohol?",
        [
            "$\\mathrm{CH_3COOC_2H_5}$",
            "$\\mathrm{HCOOC_2H_5}$",
            "$\\mathrm{CH_3COOCH_3}$",
            "$\\mathrm{C_2H_5COOCH_3}$",
        ],
        "$\\mathrm{CH_3COOH + C_2H_5OH \\rightleftharpoons CH_3COOC_2H_5 + H_2O}$ (xúc tác $\\mathrm{H_2SO_4}$ đặc, đun nóng).",
        ("ester",),
    )
    yield single(
        at("HOAHOC", 12, 2, "BIET"),
        "Chất nào sau đây là monosaccharide?",
        ["Glucose", "Saccharose", "Tinh bột", "Cellulose"],
        "Glucose và fructose là monosaccharide; saccharose là disaccharide; tinh bột và cellulose là polysaccharide.",
        ("carbohydrate",),
    )
    yield single(
        at("HOAHOC", 12, 3, "HIEU"),
        "Dung dịch chất nào sau đây làm quỳ tím chuyển sang màu xanh?",
        ["Methylamine", "Glycine", "Aniline", "Acetic acid"],
        "Methylamine có tính base đủ mạnh để đổi màu quỳ tím; aniline là base rất yếu nên không đổi màu, glycine có môi "
        "trường gần trung tính, acetic acid làm quỳ tím hoá đỏ.",
        ("amine",),
    )
    yield single(
        at("HOAHOC", 12, 4, "BIET"),
        "Polymer nào sau đây được điều chế bằng phản ứng trùng ngưng?",
        ["Nylon-6,6", "Polyethylene", "Poly(vinyl chloride)", "Polystyrene"],
        "Nylon-6,6 tạo thành từ hexamethylenediamine và adipic acid, tách ra nước. Ba polymer còn lại là sản phẩm trùng hợp.",
        ("polymer",),
    )
    yield single(
        at("HOAHOC", 12, 6, "BIET"),
        "Kim loại nào sau đây dẫn điện tốt nhất?",
        ["Ag", "Cu", "Al", "Fe"],
        "Độ dẫn điện giảm dần theo dãy Ag, Cu, Au, Al, Fe.",
        ("kim loại",),
    )
    yield single(
        at("HOAHOC", 12, 7, "HIEU"),
        "Nước cứng tạm thời chứa chủ yếu muối nào sau đây?",
        [
            "$\\mathrm{Ca(HCO_3)_2}$ và $\\mathrm{Mg(HCO_3)_2}$",
            "$\\mathrm{CaCl_2}$ và $\\mathrm{MgSO_4}$",
            "$\\mathrm{NaHCO_3}$ và $\\mathrm{KHCO_3}$",
            "$\\mathrm{CaCO_3}$ và $\\mathrm{MgCO_3}$",
        ],
        "Tính cứng tạm thời do muối hydrogencarbonate của calcium và magnesium gây ra, mất đi khi đun sôi.",
        ("nước cứng",),
    )
    yield group(
        at("HOAHOC", 12, 5, "HIEU"),
        "Xét pin điện hoá Zn–Cu với điện cực kẽm nhúng trong dung dịch $\\mathrm{ZnSO_4}$ và điện cực đồng nhúng trong dung "
        "dịch $\\mathrm{CuSO_4}$. Biết $E^\\circ_{\\mathrm{Zn^{2+}/Zn}} = -0{,}76$ V và "
        "$E^\\circ_{\\mathrm{Cu^{2+}/Cu}} = +0{,}34$ V.",
        [
            ("Khi pin hoạt động, kẽm là cực âm.", True),
            ("Sức điện động chuẩn của pin bằng $1{,}10$ V.", True),
            ("Ở cực dương xảy ra quá trình oxi hoá đồng.", False),
            ("Khi pin hoạt động, khối lượng thanh kẽm giảm dần.", True),
        ],
        "$E^\\circ_{pin} = 0{,}34 - (-0{,}76) = 1{,}10$ V. Ở cực dương ion $\\mathrm{Cu^{2+}}$ bị khử thành Cu; ở cực âm kẽm "
        "bị oxi hoá nên tan dần.",
        ("pin điện",),
    )
    yield group(
        at("HOAHOC", 12, 1, "HIEU"),
        "Một học sinh đun nóng chất béo với dung dịch NaOH đặc, vừa đun vừa khuấy, sau đó thêm dung dịch NaCl bão hoà.",
        [
            ("Phản ứng xảy ra là phản ứng xà phòng hoá.", True),
            ("Sản phẩm hữu cơ gồm glycerol và muối của acid béo.", True),
            ("Thêm NaCl bão hoà để muối của acid béo tách ra và nổi lên.", True),
            ("Có thể thay NaOH bằng HCl mà vẫn thu được xà phòng.", False),
        ],
        "Thuỷ phân chất béo trong môi trường kiềm tạo muối của acid béo (xà phòng) và glycerol. Với HCl chỉ thu được acid béo.",
        ("chất béo", "thí nghiệm"),
    )
    yield group(
        at("HOAHOC", 11, 1, "HIEU"),
        "Xét cân bằng trong bình kín: $\\mathrm{N_2(g) + 3H_2(g) \\rightleftharpoons 2NH_3(g)}$, "
        "$\\Delta_r H^\\circ_{298} = -92$ kJ.",
        [
            ("Phản ứng thuận toả nhiệt.", True),
            ("Tăng áp suất làm cân bằng chuyển dịch theo chiều thuận.", True),
            ("Tăng nhiệt độ làm tăng hiệu suất tạo ammonia ở trạng thái cân bằng.", False),
            ("Chất xúc tác làm cân bằng chuyển dịch theo chiều thuận.", False),
        ],
        "Theo nguyên lí Le Chatelier: tăng áp suất thì cân bằng chuyển về phía ít mol khí; tăng nhiệt độ thì chuyển theo "
        "chiều thu nhiệt. Xúc tác không làm chuyển dịch cân bằng.",
        ("cân bằng hoá học",),
    )
    yield single(
        at("HOAHOC", 10, 1, "BIET"),
        "Nguyên tử của nguyên tố X có $Z = 17$. Số electron ở lớp ngoài cùng của X là",
        ["$7$", "$5$", "$17$", "$3$"],
        "Cấu hình electron: $1s^2 2s^2 2p^6 3s^2 3p^5$, lớp ngoài cùng có $2 + 5 = 7$ electron.",
        ("cấu hình electron",),
    )
    yield single(
        at("HOAHOC", 10, 3, "BIET"),
        "Liên kết trong phân tử NaCl thuộc loại",
        [
            "liên kết ion.",
            "liên kết cộng hoá trị không phân cực.",
            "liên kết cộng hoá trị phân cực.",
            "liên kết hydrogen.",
        ],
        "Na là kim loại điển hình, Cl là phi kim điển hình; hiệu độ âm điện lớn hơn $1{,}7$ nên liên kết là liên kết ion.",
        ("liên kết hoá học",),
    )
    yield single(
        at("HOAHOC", 11, 4, "BIET"),
        "Công thức phân tử của ethylene là",
        ["$\\mathrm{C_2H_4}$", "$\\mathrm{C_2H_2}$", "$\\mathrm{C_2H_6}$", "$\\mathrm{C_6H_6}$"],
        "Ethylene là alkene đơn giản nhất, $\\mathrm{CH_2{=}CH_2}$.",
        ("alkene",),
    )


def _counted_chemistry() -> Iterator[DemoQuestion]:
    for moles in ("0.15", "0.4"):
        value = Decimal(moles) * Decimal("24.79")
        yield short(
            at("HOAHOC", 10, 6, "BIET"),
            f"Ở điều kiện chuẩn ($25$ °C, $1$ bar), ${tex(Decimal(moles))}$ mol khí có thể tích bao nhiêu lít (làm tròn kết "
            "quả đến hàng phần mười)?",
            vn(round(value, 1), 1),
            f"$V = n \\cdot 24{{,}}79 = {tex(Decimal(moles))} \\cdot 24{{,}}79 \\approx {tex(round(value, 1), 1)}$ lít.",
            ("thể tích mol",),
        )
    for glucose, share in ((180, 80), (90, 75), (270, 60)):
        ethanol = Fraction(glucose * 2 * 46 * share, 180 * 100)
        yield short(
            at("HOAHOC", 12, 2, "VANDUNG"),
            f"Lên men ${glucose}$ gam glucose với hiệu suất ${share}\\%$. Khối lượng ethanol thu được là bao nhiêu gam?",
            ethanol,
            f"$\\mathrm{{C_6H_{{12}}O_6 \\to 2C_2H_5OH + 2CO_2}}$; $m = \\dfrac{{{glucose}}}{{180}} \\cdot 2 \\cdot 46 \\cdot "
            f"{share}\\% = {tex(ethanol)}$ gam.",
            ("lên men",),
        )
    for current, seconds in ((2, 4825), (5, 1930)):
        mass = Fraction(64 * current * seconds, 2 * 96500)
        yield short(
            at("HOAHOC", 12, 5, "VANDUNG"),
            f"Điện phân dung dịch $\\mathrm{{CuSO_4}}$ dư với điện cực trơ, cường độ dòng điện ${current}$ A trong ${seconds}$ "
            "giây. Khối lượng đồng bám vào cathode là bao nhiêu gam ($M_{Cu} = 64$, $F = 96500$ C/mol)?",
            mass,
            f"$m = \\dfrac{{MIt}}{{nF}} = \\dfrac{{64 \\cdot {current} \\cdot {seconds}}}{{2 \\cdot 96500}} = {tex(mass)}$ gam.",
            ("điện phân",),
        )
    for ph in (2, 3):
        yield single(
            at("HOAHOC", 11, 1, "HIEU"),
            f"Dung dịch HCl có nồng độ $10^{{-{ph}}}$ M. Giá trị pH của dung dịch là",
            [f"${ph}$", f"${14 - ph}$", f"$-{ph}$", f"${ph * 2 + 1}$"],
            f"HCl là acid mạnh nên $[\\mathrm{{H^+}}] = 10^{{-{ph}}}$ M, $\\mathrm{{pH}} = {ph}$.",
            ("pH",),
        )


def _biology() -> Iterator[DemoQuestion]:
    yield single(
        at("SINHHOC", 12, 1, "BIET"),
        "Loại base nitrogen nào sau đây chỉ có ở RNA, không có ở DNA?",
        ["Uracil", "Adenine", "Guanine", "Cytosine"],
        "DNA có A, T, G, C; RNA có A, U, G, C.",
        ("nucleic acid",),
    )
    yield single(
        at("SINHHOC", 12, 1, "HIEU"),
        "Trong quá trình phiên mã, mạch khuôn của gene có trình tự $3'$-TAC GGA-$5'$. Trình tự của mRNA tương ứng là",
        ["$5'$-AUG CCU-$3'$", "$5'$-ATG CCT-$3'$", "$3'$-AUG CCU-$5'$", "$5'$-UAC GGA-$3'$"],
        "mRNA bổ sung và ngược chiều với mạch khuôn: T–A, A–U, C–G, G–C.",
        ("phiên mã",),
    )
    yield single(
        at("SINHHOC", 12, 8, "BIET"),
        "Theo thuyết tiến hoá tổng hợp hiện đại, đơn vị của tiến hoá nhỏ là",
        ["quần thể.", "cá thể.", "loài.", "quần xã."],
        "Tiến hoá nhỏ là quá trình biến đổi cấu trúc di truyền (tần số allele) của quần thể.",
        ("tiến hoá",),
    )
    yield single(
        at("SINHHOC", 12, 12, "BIET"),
        "Mối quan hệ giữa cây họ Đậu và vi khuẩn nốt sần *Rhizobium* là quan hệ",
        ["cộng sinh.", "hội sinh.", "kí sinh.", "cạnh tranh."],
        "Cả hai bên cùng có lợi và gắn bó chặt chẽ: vi khuẩn cố định đạm cho cây, cây cung cấp chất hữu cơ.",
        ("quan hệ giữa các loài",),
    )
    yield single(
        at("SINHHOC", 12, 13, "HIEU"),
        "Trong chuỗi thức ăn: Lúa → Châu chấu → Ếch → Rắn → Đại bàng, sinh vật tiêu thụ bậc 3 là",
        ["rắn.", "ếch.", "châu chấu.", "đại bàng."],
        "Lúa là sinh vật sản xuất; châu chấu, ếch, rắn, đại bàng lần lượt là sinh vật tiêu thụ bậc 1, 2, 3, 4.",
        ("chuỗi thức ăn",),
    )
    yield single(
        at("SINHHOC", 11, 1, "BIET"),
        "Nước và ion khoáng được hấp thụ vào cây trên cạn chủ yếu qua",
        ["lông hút của rễ.", "khí khổng của lá.", "bề mặt thân non.", "chóp rễ."],
        "Tế bào lông hút có diện tích tiếp xúc lớn, thành mỏng, không thấm cutin.",
        ("trao đổi nước",),
    )
    yield single(
        at("SINHHOC", 11, 2, "BIET"),
        "Hệ thần kinh dạng lưới có ở động vật nào sau đây?",
        ["Thuỷ tức", "Giun đất", "Châu chấu", "Cá chép"],
        "Ngành Ruột khoang có hệ thần kinh dạng lưới; giun đất và châu chấu có dạng chuỗi hạch; cá chép có dạng ống.",
        ("cảm ứng ở động vật",),
    )
    yield single(
        at("SINHHOC", 10, 3, "BIET"),
        "Bào quan nào là nơi diễn ra giai đoạn chủ yếu của hô hấp hiếu khí ở tế bào nhân thực?",
        ["Ti thể", "Lục lạp", "Ribosome", "Lysosome"],
        "Chu trình Krebs và chuỗi chuyền electron diễn ra ở ti thể.",
        ("bào quan",),
    )
    yield group(
        at("SINHHOC", 12, 2, "HIEU"),
        "Ở đậu hà lan, allele A quy định hạt vàng trội hoàn toàn so với allele a quy định hạt xanh. Cho cây hạt vàng dị hợp "
        "tự thụ phấn.",
        [
            ("Cây hạt vàng dị hợp tạo hai loại giao tử với tỉ lệ ngang nhau.", True),
            ("Đời con có tỉ lệ kiểu gene 1 AA : 2 Aa : 1 aa.", True),
            ("Đời con có tỉ lệ kiểu hình 1 vàng : 1 xanh.", False),
            ("Trong số cây hạt vàng ở đời con, cây thuần chủng chiếm $\\dfrac{1}{3}$.", True),
        ],
        "Aa × Aa cho 1 AA : 2 Aa : 1 aa, tức 3 vàng : 1 xanh. Trong 3 phần hạt vàng có 1 phần AA.",
        ("quy luật Mendel",),
    )
    yield group(
        at("SINHHOC", 12, 11, "HIEU"),
        "Người ta thả một số cá thể của một loài cá vào hồ mới đào và theo dõi số lượng qua nhiều năm.",
        [
            ("Lúc đầu số lượng cá tăng chậm vì số cá thể sinh sản còn ít.", True),
            ("Khi nguồn sống trở nên hạn hẹp, tốc độ tăng trưởng của quần thể giảm.", True),
            ("Đường cong tăng trưởng thực tế của quần thể có dạng chữ J.", False),
            ("Sức chứa của môi trường giới hạn số lượng cá thể tối đa của quần thể.", True),
        ],
        "Trong môi trường giới hạn, quần thể tăng trưởng theo đường cong chữ S và ổn định quanh sức chứa $K$.",
        ("tăng trưởng quần thể",),
    )
    yield group(
        at("SINHHOC", 11, 1, "HIEU"),
        "Xét các phát biểu về quang hợp ở thực vật.",
        [
            ("Oxygen thải ra có nguồn gốc từ nước.", True),
            ("Pha sáng diễn ra ở màng thylakoid.", True),
            ("Chu trình Calvin cần trực tiếp ánh sáng để diễn ra.", False),
            ("ATP và NADPH tạo ra ở pha sáng được dùng trong chu trình Calvin.", True),
        ],
        "Pha sáng phân li nước giải phóng $\\mathrm{O_2}$ và tạo ATP, NADPH; chu trình Calvin ở chất nền lục lạp dùng các "
        "sản phẩm đó, không cần trực tiếp ánh sáng.",
        ("quang hợp",),
    )


def _more_biology() -> Iterator[DemoQuestion]:
    yield group(
        at("SINHHOC", 10, 6, "HIEU"),
        "Xét các phát biểu về nguyên phân và giảm phân ở tế bào lưỡng bội.",
        [
            ("Nguyên phân tạo ra hai tế bào con có bộ nhiễm sắc thể giống tế bào mẹ.", True),
            ("Giảm phân gồm hai lần phân bào nhưng nhiễm sắc thể chỉ nhân đôi một lần.", True),
            ("Trao đổi chéo giữa các chromatid xảy ra ở kì đầu của nguyên phân.", False),
            ("Kết thúc giảm phân, mỗi tế bào con có bộ nhiễm sắc thể giảm đi một nửa.", True),
        ],
        "Trao đổi chéo xảy ra giữa các chromatid khác nguồn ở kì đầu của giảm phân I.",
        ("phân bào",),
    )
    yield single(
        at("SINHHOC", 10, 9, "BIET"),
        "Mọi virus đều có hai thành phần cơ bản là",
        [
            "lõi nucleic acid và vỏ protein.",
            "màng sinh chất và tế bào chất.",
            "lõi DNA và vỏ ngoài lipid.",
            "ribosome và nucleic acid.",
        ],
        "Virus chưa có cấu tạo tế bào, gồm lõi là nucleic acid (DNA hoặc RNA) và vỏ capsid là protein.",
        ("virus",),
    )


def _counted_biology() -> Iterator[DemoQuestion]:
    for share in (16, 36, 64):
        q = Fraction(int(share**0.5), 10)
        carriers = 2 * q * (1 - q)
        yield short(
            at("SINHHOC", 12, 5, "VANDUNG"),
            f"Một quần thể ngẫu phối đang cân bằng di truyền có ${share}\\%$ số cá thể mang kiểu hình lặn (aa). Tần số kiểu "
            "gene dị hợp Aa trong quần thể là bao nhiêu?",
            carriers,
            f"$q^2 = {tex(Fraction(share, 100))} \\Rightarrow q = {tex(q)}$, $p = {tex(1 - q)}$; tần số Aa $= 2pq = "
            f"{tex(carriers)}$.",
            ("Hardy–Weinberg",),
        )
    for total, share in ((2400, 20), (3000, 30)):
        a = Fraction(total * share, 100)
        yield short(
            at("SINHHOC", 12, 1, "HIEU"),
            f"Một gene có ${total}$ nucleotide, trong đó số nucleotide loại A chiếm ${share}\\%$. Số nucleotide loại G của gene "
            "là bao nhiêu?",
            Fraction(total, 2) - a,
            f"$A = {share}\\% \\cdot {total} = {vn(a)}$; $A + G = {total // 2}$ nên $G = {vn(Fraction(total, 2) - a)}$.",
            ("cấu trúc DNA",),
        )
    for pairs in (2, 3):
        rare = Fraction(1, 4**pairs)
        kinds = " ".join("ABD"[i] + "abd"[i] for i in range(pairs))
        yield single(
            at("SINHHOC", 12, 2, "HIEU"),
            f"Các gene phân li độc lập. Phép lai {kinds} × {kinds} cho đời con đồng hợp lặn về cả {pairs} gene với tỉ lệ",
            [f"${frac(rare)}$", f"${frac(2 * rare)}$", f"${frac(Fraction(1, 2**pairs))}$", f"${frac(3 * rare)}$"],
            f"Mỗi cặp dị hợp cho $\\dfrac{{1}}{{4}}$ đồng hợp lặn: $\\left(\\dfrac{{1}}{{4}}\\right)^{pairs} = {frac(rare)}$.",
            ("phân li độc lập",),
        )


def _science() -> Iterator[DemoQuestion]:
    yield single(
        at("KHTN", 6, 1, "BIET"),
        "Quá trình chuyển từ thể lỏng sang thể rắn gọi là",
        ["sự đông đặc.", "sự nóng chảy.", "sự bay hơi.", "sự ngưng tụ."],
        "Lỏng → rắn: đông đặc; rắn → lỏng: nóng chảy.",
        ("thể của chất",),
    )
    yield single(
        at("KHTN", 6, 3, "BIET"),
        "Dụng cụ dùng để đo lực là",
        ["lực kế.", "cân đồng hồ.", "nhiệt kế.", "bình chia độ."],
        "Lực kế đo độ lớn của lực, đơn vị niu-tơn (N).",
        ("đo lực",),
    )
    for minutes, metres in ((5, 600), (4, 720)):
        value = Fraction(metres, minutes * 60)
        yield short(
            at("KHTN", 7, 3, "HIEU"),
            f"Bạn Nam đi xe đạp ${metres}$ m trong ${minutes}$ phút. Tốc độ trung bình của Nam là bao nhiêu mét trên giây?",
            value,
            f"$v = \\dfrac{{s}}{{t}} = \\dfrac{{{metres}}}{{{minutes * 60}}} = {tex(value)}$ m/s.",
            ("tốc độ",),
        )
    yield single(
        at("KHTN", 8, 1, "HIEU"),
        "Cân bằng phương trình $\\mathrm{Al + O_2 \\to Al_2O_3}$ với các hệ số nguyên tối giản, tổng các hệ số là",
        ["$9$", "$7$", "$6$", "$5$"],
        "$\\mathrm{4Al + 3O_2 \\to 2Al_2O_3}$; tổng hệ số là $4 + 3 + 2 = 9$.",
        ("phương trình hoá học",),
    )
    yield short(
        at("KHTN", 9, 3, "HIEU"),
        "Hai điện trở $R_1 = 6\\ \\Omega$ và $R_2 = 3\\ \\Omega$ mắc song song. Điện trở tương đương của đoạn mạch là bao nhiêu ôm?",
        2,
        "$\\dfrac{1}{R} = \\dfrac{1}{6} + \\dfrac{1}{3} = \\dfrac{1}{2}$ nên $R = 2\\ \\Omega$.",
        ("mạch song song",),
    )
    yield group(
        at("KHTN", 7, 2, "BIET"),
        "Xét các phát biểu về hô hấp tế bào.",
        [
            ("Hô hấp tế bào giải phóng năng lượng cho hoạt động sống.", True),
            ("Sản phẩm của hô hấp tế bào có carbon dioxide và nước.", True),
            ("Chỉ động vật mới hô hấp.", False),
            ("Hạt đang nảy mầm hô hấp mạnh hơn hạt khô.", True),
        ],
        "Mọi tế bào sống đều hô hấp, kể cả tế bào thực vật; hạt nảy mầm cần nhiều năng lượng nên hô hấp mạnh.",
        ("hô hấp tế bào",),
    )
