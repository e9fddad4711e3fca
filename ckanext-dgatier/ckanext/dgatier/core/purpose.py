"""Purposes for which access is asked, as the W3C Data Privacy Vocabulary names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose with its code in the vocabulary and what people read."""

    code: str
    th: str
    en: str


PURPOSES = (
    Purpose("dpv:AcademicResearch", "การวิจัยทางวิชาการ", "Academic research"),
    Purpose("dpv:NonCommercialResearch", "การวิจัยที่ไม่ใช่เชิงพาณิชย์", "Non-commercial research"),
    Purpose("dpv:CommercialResearch", "การวิจัยเชิงพาณิชย์", "Commercial research"),
    Purpose("dpv:PublicBenefit", "ประโยชน์สาธารณะ", "Public benefit"),
    Purpose("dpv:ServiceProvision", "การให้บริการ", "Provision of a service"),
    Purpose("dpv:FulfilmentOfObligation", "การปฏิบัติหน้าที่ตามกฎหมาย", "Fulfilment of a legal duty"),
    Purpose("dpv:CombatFraud", "การป้องกันการทุจริต", "Prevention of fraud"),
)

PURPOSE_BY_CODE = {purpose.code: purpose for purpose in PURPOSES}
