"""How a phrase in a note was meant, from the words around it: wanted, declined, already there, over, somebody else's.

Plain cue words before and after the phrase in its clause, no grammar. Texts are normalised (lower case, no
apostrophes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.domain import Polarity

WANTED = re.compile(
    r"\b(wants?|wanted|would (?:like|love)|d (?:like|love)|loves?|likes?|misses|missed|miss|keen|"
    r"looking for|hoping|hopes|wishes|needs?|priority|what matters|goal|interested in|dreams|fancies|used to|"
    r"happy to|asked (?:for|about)|after some|just wants|only wants|enjoys?|enjoyed|mad (?:on|about)|nuts about)\b"
)
DECLINED = re.compile(
    r"\b(?:(?:dont|doesnt|didnt|wont|wouldnt|does not|do not|did not|will not|would not|not) "
    r"(?:\w+ )?(?:want|wants|wanting|like|fancy|need|go|do|join|try|touch|use|attend|have|be|sit|come|see|take)\b|"
    r"(?:wont|wouldnt|never again|hates?|hated|refus\w+|declin\w+|says no to|no to|no more|nothing with|"
    r"nothing to do with|sick of|fed up (?:of|with)|put off|avoids?|steers? clear|not seeking|anything but|rather not|"
    r"allergic to|turned down|nowt wi\w*)\b|"
    r"cant (?:stand|abide|face|bear)\b|"
    r"not (?:keen|interested|after|into|bothered about|looking|for|ready|a|another|any)\b)"
)
_SUFFERED = re.compile(
    r"\b(?:hates?|hated|sick of|fed up (?:of|with)|cant (?:stand|abide|bear)|(?:dont|doesnt|does not|do not) "
    r"(?:want to|like) (?:be|being|feel|feeling))\b"
)
"""Said of a need, these are the complaint itself: "fed up of being lonely"."""
_DECLINED_AFTER = re.compile(
    r"^(?: |and |which |that |it |he |she |they |i |pt |but |did |has |is |was |a |only )*"
    r"(?:hated|didnt (?:like|help|work|suit)|not for (?:me|him|her|them|us)|isnt for|no thanks?|no thank you|"
    r"(?:isnt|not) (?:my|his|her|their) (?:thing|cup of tea)|did nothing|says no|said no|declined|refused|"
    r"never again|waste of time|put (?:me|him|her|them) off)\b"
)
_NO = re.compile(
    r"\b(no|not|nor|never|nil|none|isnt|wasnt|arent|aint|hasnt|havent|denies|denied|nowt|without|neither)\b"
)
_NO_LIST = re.compile(rf"{_NO.pattern}(?: \w+){{0,6}} (?:or|nor|and)(?: (?:any|of))?$")
_LEADING_NO = re.compile(r"^\s*(?:no|not|nor|neither)\b")
_NOT_A_NO = re.compile(
    r"\bnot (?:just|only)\b|\bnever (?:been|felt|was) (?:so|this|more)\b|\bno wonder\b|\bno doubt\b|"
    r"\bwouldnt mind\b|\bdoesnt mind\b|\bnot averse to\b|\bnot sure\b"
)
_TOO_MUCH = re.compile(r"\b(?:whole|entire|full size|full sized)\b(?: \w+)?\s*$")
"""Declined is only so much of it: "doesn't want a whole plot to himself"."""
_LONG_AGO = re.compile(
    r"\b(?:hasnt|havent|hadnt|not|never) (?:really |properly )?(?:been|done|played|swum|sung|danced|touched|had|"
    r"picked up|gone|ridden|painted|made)\b"
)
"""Said of something loved, these mean that it is missed: "hasn't been fishing since he retired"."""
_FINE_AFTER = re.compile(
    r"\b(?:isnt|is not|not|aint|arent|not really|no longer)(?: (?:the|a|an|my|his|her))? (?:issue|"
    r"trouble|problem|reason|bother|concern|worry|priority)s?\b"
    r"|\b(?:ok|okay|fine|sorted|all right|alright|well controlled|controlled|not a worry|paid up|"
    r"in place|settled|already sorted|no problem|perfect|gone|resolved)\b"
)
_FINE_NEXT = re.compile(
    r"^(?:all |both |is |are |its |thats |now |currently |very |has been )*"
    r"(?:(?:well|stable and well) (?:controlled|managed)|controlled|stable|sorted|in place|in situ|under control|"
    r"not (?:the|an|her|his|my|a) (?:reason|issue|problem|worry|trouble)|no (?:longer|bother))\b"
)
_HAS_ONE = re.compile(r"^\s*(?:yes|in situ|fitted|in place|already)\b")
_NOT_AN_ISSUE = re.compile(
    r"\b(?:not an issue|no issues?|no problems?|no concerns?|no worries|nil concerns?|not the reason)\b"
)
_ALREADY = re.compile(
    r"\b(?:already|got his own|got her own|has (?:his|her|their) own|under (?:the )?(?:gp|cmht|paeds|"
    r"hospital|consultant|team|care)|attends|goes to|currently (?:sees|attends|has)|in place|completed|finished|ended|"
    r"discharged|has it|being (?:sorted|dealt)|involved|aware|ref made|referred (?:to|last)|seen x\d|x\d|done|"
    r"on (?:meds|tablets|hrt|sertraline))\b"
)
_HAS_HELP = re.compile(r"\balready\b|\bgot (?:his|her) own\b")
_OVER = re.compile(
    r"\b(?:gave up|given up|stopped|quit|ex|clean|sober|dry|recovered|in recovery|former|packed in|"
    r"kicked|off the|finished with|free of|got over|\d+ years? (?:clean|sober))\b"
)
_SOMEBODY = re.compile(
    r"\b(?:not (?:mine|hers|his|for me|my)|(?:his|her|their) own (?:counsellor|therapist|gp|worker|"
    r"support)|getting help|own (?:counsellor|therapist))\b"
)
_FAMILY = (
    r"(?:husband|wife|partner|mum|mother|dad|father|son|daughter|dtr|brother|sister|nephew|niece|friend|neighbour|"
    r"grandson|granddaughter|mate)"
)
_SOMEBODY_HAS = re.compile(rf"\b{_FAMILY}s?(?: \w+)? (?:has|have|is|s|got|had|suffers|with|under)\b")
_PERSON_FINE = re.compile(
    r"\b(?:pt|patient|he|she|they|i|mum|dad)(?: herself| himself| themself| myself)?(?: is|s| am| are)? "
    r"(?:fine|ok|okay|well|alright|fit and well)\b"
)
_NEEDS = ("need", "circumstance")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words around one phrase: its heading, its clause before and after it, the next clause, the sentence's rest.

    ``carried``: the clause before was a declining that reaches into this one ("no counselling, groups or apps").
    """

    head: str
    before: str
    after: str
    following: str
    rest: str
    carried: bool

    @property
    def wanted(self) -> bool:
        """Whether the words before the phrase, or its heading, say that it is wanted, missed or loved."""
        return bool(WANTED.search(f"{self.head} {self.before}")) or "wants" in self.head or "matters" in self.head


def carries(piece: str, reached: bool) -> bool:
    """Whether a clause's declining reaches into a short clause after it."""
    return bool(DECLINED.search(piece) or _LEADING_NO.search(piece)) or reached


def polarity_of(kind: str, around: Surroundings) -> Polarity:
    """How a phrase of a concept of this kind was meant."""
    before = _NOT_A_NO.sub(" ", around.before)
    if kind == "interest":
        before = _LONG_AGO.sub(" ", before)
    if _NOT_AN_ISSUE.search(around.head) or _NOT_AN_ISSUE.search(before):
        return Polarity.over
    if _is_declined(kind, before, around):
        return Polarity.declined
    if _is_denied(before, around.after):
        return Polarity.over if kind in _NEEDS else Polarity.declined
    if _is_somebody_elses(kind, before, around):
        return Polarity.somebody_else
    return _settled(kind, before, around)


def _settled(kind: str, before: str, around: Surroundings) -> Polarity:
    """Whether something that concerns the person is in place already, over, or still wanted."""
    if _FINE_AFTER.search(around.after):
        return Polarity.over if kind == "need" else Polarity.already_has
    if kind in ("need", "offer") and _OVER.search(_near(before)):
        return Polarity.over
    if kind == "offer" and (_ALREADY.search(before + around.after) or _HAS_ONE.search(around.after)):
        return Polarity.already_has
    if kind == "need" and _HAS_HELP.search(before):
        return Polarity.already_has
    if kind in _NEEDS and not around.wanted and _FINE_NEXT.search(around.following):
        return Polarity.over
    return Polarity.wanted


def _near(before: str) -> str:
    return " ".join(before.split()[-3:])


def _is_declined(kind: str, before: str, around: Surroundings) -> bool:
    if "says no" in around.head or "avoid" in around.head:
        return True
    if kind in _NEEDS:
        return bool(DECLINED.search(before)) and not _SUFFERED.search(before)
    if DECLINED.search(before) and not _TOO_MUCH.search(before):
        return True
    if around.carried and not WANTED.search(before):
        return True
    return bool(_DECLINED_AFTER.search(around.after) or _DECLINED_AFTER.search(around.following))


def _is_denied(before: str, after: str) -> bool:
    if after.strip().startswith("yet"):
        return False
    return bool(_NO.search(_near(before)) or _NO_LIST.search(before.strip()))


def _is_somebody_elses(kind: str, before: str, around: Surroundings) -> bool:
    if _SOMEBODY.search(before + around.after):
        return True
    if kind not in _NEEDS or around.wanted:
        return False
    if _SOMEBODY.search(around.rest):
        return True
    return bool(_SOMEBODY_HAS.search(before) and _PERSON_FINE.search(around.rest))
