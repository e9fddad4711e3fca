"""On which law a request rests, on which it is refused, and what health data is used for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegalGround:
    """A ground with its code, what people read and the section of law."""

    code: str
    th: str
    en: str
    law: str
    law_en: str


@dataclass(frozen=True, slots=True)
class DataUse:
    """A term of the Data Use Ontology of the GA4GH, by its code there."""

    code: str
    th: str
    en: str


_OIA = "พ.ร.บ. ข้อมูลข่าวสารของราชการ พ.ศ. 2540 ม. "
_OIA_EN = "Official Information Act B.E. 2540 (1997), s. "
_PDPA = "พ.ร.บ. คุ้มครองข้อมูลส่วนบุคคล พ.ศ. 2562 ม. "
_PDPA_EN = "Personal Data Protection Act B.E. 2562 (2019), s. "
_DGA = "พ.ร.บ. การบริหารงานและการให้บริการภาครัฐผ่านระบบดิจิทัล พ.ศ. 2562 ม. "
_DGA_EN = "Digital Government Act B.E. 2562 (2019), s. "

LEGAL_GROUNDS = (
    LegalGround(
        "oia-11", "สิทธิขอข้อมูลข่าวสาร", "The right to ask for information", f"{_OIA}11", f"{_OIA_EN}11"
    ),
    LegalGround(
        "oia-24-4", "การศึกษาวิจัยโดยไม่ระบุตัวบุคคล", "Research that names nobody", f"{_OIA}24 (4)",
        f"{_OIA_EN}24 (4)",
    ),
    LegalGround(
        "pdpa-19", "ความยินยอมของเจ้าของข้อมูล", "Consent of the data subjects", f"{_PDPA}19",
        f"{_PDPA_EN}19",
    ),
    LegalGround(
        "pdpa-24-1", "การวิจัยหรือสถิติ", "Research or statistics", f"{_PDPA}24 (1)",
        f"{_PDPA_EN}24 (1)",
    ),
    LegalGround(
        "pdpa-24-4", "ภารกิจเพื่อประโยชน์สาธารณะ", "A task in the public interest", f"{_PDPA}24 (4)",
        f"{_PDPA_EN}24 (4)",
    ),
    LegalGround(
        "pdpa-24-6", "การปฏิบัติตามกฎหมาย", "Compliance with a law", f"{_PDPA}24 (6)",
        f"{_PDPA_EN}24 (6)",
    ),
    LegalGround(
        "pdpa-26-5", "การวิจัยด้วยข้อมูลอ่อนไหว", "Research on sensitive data", f"{_PDPA}26 (5)",
        f"{_PDPA_EN}26 (5)",
    ),
    LegalGround(
        "dga-13", "การแลกเปลี่ยนข้อมูลระหว่างหน่วยงานของรัฐ", "Exchange between agencies", f"{_DGA}13",
        f"{_DGA_EN}13",
    ),
)  # fmt: skip

DATA_USES = (
    DataUse("DUO:0000042", "การวิจัยทั่วไป", "General research use"),
    DataUse("DUO:0000006", "การวิจัยด้านสุขภาพและการแพทย์", "Health, medical or biomedical research"),
    DataUse("DUO:0000007", "การวิจัยเฉพาะโรค", "Disease-specific research"),
    DataUse("DUO:0000011", "การวิจัยถิ่นกำเนิดหรือเชื้อสาย", "Population origins or ancestry research"),
    DataUse("DUO:0000018", "ไม่แสวงหากำไรและไม่ใช่เชิงพาณิชย์", "Not for profit, non-commercial use"),
)

#: The grounds on which an agency may refuse: Official Information Act s. 15.
REFUSAL_GROUNDS = tuple(
    LegalGround(f"oia-15-{number}", th, en, f"{_OIA}15 ({number})", f"{_OIA_EN}15 ({number})")
    for number, th, en in (
        (1, "กระทบต่อความมั่นคง ความสัมพันธ์ระหว่างประเทศ หรือเศรษฐกิจการคลังของประเทศ",
         "It would harm national security, relations abroad or the economy"),
        (2, "ทำให้การบังคับใช้กฎหมายเสื่อมประสิทธิภาพ", "It would make enforcing a law less effective"),
        (3, "เป็นความเห็นหรือคำแนะนำภายในหน่วยงาน", "It is an opinion or advice inside the agency"),
        (4, "เป็นอันตรายต่อชีวิตหรือความปลอดภัยของบุคคล",
         "It would endanger someone's life or safety"),
        (5, "เป็นรายงานแพทย์หรือข้อมูลส่วนบุคคลที่รุกล้ำสิทธิโดยไม่สมควร",
         "It is medical or personal, and would intrude on someone's privacy"),
        (6, "มีกฎหมายคุ้มครองมิให้เปิดเผย หรือผู้ให้ไม่ประสงค์ให้เปิดเผย",
         "A law protects it, or who gave it did not want it disclosed"),
        (7, "กรณีอื่นตามพระราชกฤษฎีกา", "Another case, by royal decree"),
    )
)  # fmt: skip

LEGAL_GROUND_BY_CODE = {one.code: one for one in LEGAL_GROUNDS}
REFUSAL_GROUND_BY_CODE = {one.code: one for one in REFUSAL_GROUNDS}
DATA_USE_BY_CODE = {one.code: one for one in DATA_USES}
