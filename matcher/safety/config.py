"""Where to turn for each red flag: text that a service sets for its own area."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

_DANGER = "Immediate danger: 999."


class SafetyConfig(BaseModel):
    """The pathway of each category. The defaults are national lines for England; put your own council's here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suicide_self_harm: str = (
        f"{_DANGER} Urgent mental health help, day or night: NHS 111, option 2. Samaritans: 116 123. "
        "Tell the duty GP today; do not leave the person alone with the means."
    )
    domestic_sexual_abuse: str = (
        f"{_DANGER} National Domestic Abuse Helpline, day or night: 0808 2000 247. Ask alone, and agree a safe way to "
        "make contact. Tell the safeguarding lead; after a sexual assault, the nearest sexual assault referral centre."
    )
    adult_at_risk: str = (
        f"{_DANGER} Raise a safeguarding concern with the council's adult safeguarding team today (out of hours: "
        "emergency social care) and tell the safeguarding lead."
    )
    child_at_risk: str = (
        f"{_DANGER} Ring the council's children's safeguarding team today (out of hours: emergency social care) and "
        "tell the safeguarding lead."
    )
    danger_to_others: str = (
        f"{_DANGER} Police, not urgent: 101. Tell the duty GP and the safeguarding lead now; urgent mental "
        "health help: NHS 111, option 2."
    )
    trafficking: str = (
        f"{_DANGER} Modern Slavery Helpline: 08000 121 700. Speak alone with an independent interpreter; tell the "
        "safeguarding lead."
    )
    medical_emergency: str = "Call 999 now if it may be happening now. Otherwise the duty GP or NHS 111 at once."
    no_food_heat_shelter: str = (
        "Nowhere to sleep tonight: the council's homelessness team (out of hours: emergency line). Food or fuel: the "
        "council's local welfare help and a food bank today. Child or frail person: emergency social care."
    )
    overdose_withdrawal: str = (
        "Taken too much, or fits, confusion, seeing things: 999. Otherwise NHS 111 or the duty GP at once; stopping "
        "alcohol or sedatives suddenly can kill. FRANK, advice on drugs: 0300 123 6600."
    )

    def pathways(self) -> dict[str, str]:
        """The pathway of every category by its code."""
        return dict(self.model_dump())
