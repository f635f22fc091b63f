"""How a phrase in a note was meant, from the words around it: wanted, declined, already there, over, somebody else's.

Plain cue words before and after the phrase in its clause, no grammar. Texts are normalised (lower case, no
apostrophes). Most sentences hold no cue word at all, so each cue is tried only where one of its words stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from matcher.domain import Polarity
from matcher.text import Cue, Cues

WANTED = Cue(
    r"\b(wants?|wanted|would (?:like|love)|d (?:like|love)|loves?|likes?|misses|missed|miss|keen|"
    r"looking for|hoping|hopes|wishes|needs?|priority|what matters|goal|interested in|dreams|fancies|used to|"
    r"happy to|asked (?:for|about)|after some|just wants|only wants|enjoys?|enjoyed|mad (?:on|about)|nuts about)\b",
    "want wants wanted like love loves likes misses missed miss keen looking hoping hopes wishes need needs priority "
    "matters goal interested dreams fancies used happy asked after enjoy enjoys enjoyed mad nuts",
)
DECLINED = Cue(
    r"\b(?:(?:dont|doesnt|didnt|wont|wouldnt|does not|do not|did not|will not|would not|not) "
    r"(?:\w+ )?(?:want|wants|wanting|like|fancy|need|go|do|join|try|touch|use|attend|have|be|sit|come|see|take)\b|"
    r"(?:wont|wouldnt|never again|hates?|hated|refus\w+|declin\w+|says no to|no to|no more|nothing with|"
    r"nothing to do with|sick of|fed up (?:of|with)|put off|avoids?|steers? clear|not seeking|anything but|rather not|"
    r"allergic to|turned down|nowt wi\w*)\b|"
    r"cant (?:stand|abide|face|bear)\b|"
    r"not (?:keen|interested|after|into|bothered about|looking|for|ready|a|another|any)\b)",
    "dont doesnt didnt wont wouldnt not never hate hates hated refus* declin* no nothing sick fed put avoid avoids "
    "steer steers anything rather allergic turned nowt cant",
)
_SUFFERED = re.compile(
    r"\b(?:hates?|hated|sick of|fed up (?:of|with)|cant (?:stand|abide|bear)|(?:dont|doesnt|does not|do not) "
    r"(?:want to|like) (?:be|being|feel|feeling))\b"
)
"""Said of a need, these are the complaint itself: "fed up of being lonely"."""
_DECLINED_AFTER = Cue(
    r"^(?: |and |which |that |it |he |she |they |i |pt |but |did |has |is |was |a |only )*"
    r"(?:hated|didnt (?:like|help|work|suit)|not for (?:me|him|her|them|us)|isnt for|no thanks?|no thank you|"
    r"(?:isnt|not) (?:my|his|her|their) (?:thing|cup of tea)|did nothing|says no|said no|declined|refused|"
    r"never again|waste of time|put (?:me|him|her|them) off)\b",
    "hated didnt not isnt no nothing declined refused never waste put",
)
_NO = Cue(
    r"\b(no|not|nor|never|nil|none|isnt|wasnt|arent|aint|hasnt|havent|denies|denied|nowt|without|neither)\b",
    "no not nor never nil none isnt wasnt arent aint hasnt havent denies denied nowt without neither",
)
_NO_LIST = Cue(rf"{_NO.pattern.pattern}(?: \w+){{0,6}} (?:or|nor|and)(?: (?:any|of))?$", " ".join(_NO.words))
_LEADING_NO = Cue(
    r"^\s*(?:no|not|nor|neither)\b",
    "no not nor neither",
)
_NOT_A_NO = Cue(
    r"\bnot (?:just|only)\b|\bnever (?:been|felt|was) (?:so|this|more)\b|\bno wonder\b|\bno doubt\b|"
    r"\bwouldnt mind\b|\bdoesnt mind\b|\bnot averse to\b|\bnot sure\b",
    "not never wonder doubt wouldnt doesnt",
)
_TOO_MUCH = re.compile(r"\b(?:whole|entire|full size|full sized)\b(?: \w+)?\s*$")
"""Declined is only so much of it: "doesn't want a whole plot to himself"."""
_LONG_AGO = Cue(
    r"\b(?:hasnt|havent|hadnt|not|never) (?:really |properly )?(?:been|done|played|swum|sung|danced|touched|had|"
    r"picked up|gone|ridden|painted|made)\b",
    "hasnt havent hadnt not never",
)
"""Said of something loved, these mean that it is missed: "hasn't been fishing since he retired"."""
_FINE_AFTER = Cue(
    r"\b(?:isnt|is not|not|aint|arent|not really|no longer)(?: (?:the|a|an|my|his|her))? (?:issue|"
    r"trouble|problem|reason|bother|concern|worry|priority)s?\b"
    r"|\b(?:ok|okay|fine|sorted|all right|alright|well controlled|controlled|not a worry|paid up|"
    r"in place|settled|already sorted|no problem|perfect|gone|resolved)\b",
    "isnt not aint arent longer ok okay fine sorted right alright controlled paid place settled problem perfect gone "
    "resolved",
)
_FINE_NEXT = Cue(
    r"^(?:all |both |is |are |its |thats |now |currently |very |has been )*"
    r"(?:(?:well|stable and well) (?:controlled|managed)|controlled|stable|sorted|in place|in situ|under control|"
    r"not (?:the|an|her|his|my|a) (?:reason|issue|problem|worry|trouble)|no (?:longer|bother))\b",
    "controlled managed stable sorted place situ control not longer bother",
)
_HAS_ONE = Cue(
    r"^\s*(?:yes|in situ|fitted|in place|already)\b",
    "yes situ fitted place already",
)
_NOT_AN_ISSUE = Cue(
    r"\b(?:not an issue|no issues?|no problems?|no concerns?|no worries|nil concerns?|not the reason)\b",
    "issue issues problem problems concern concerns worries reason",
)
_ALREADY = Cue(
    r"\b(?:already|got his own|got her own|has (?:his|her|their) own|under (?:the )?(?:gp|cmht|paeds|"
    r"hospital|consultant|team|care)|attends|goes to|currently (?:sees|attends|has)|in place|completed|finished|ended|"
    r"discharged|has it|being (?:sorted|dealt)|involved|aware|ref made|referred (?:to|last)|seen x\d|x\d|done|"
    r"on (?:meds|tablets|hrt|sertraline))\b",
    "already own under attends goes currently place completed finished ended discharged has being involved aware ref "
    "referred seen x* done meds tablets hrt sertraline",
)
_HAS_HELP = Cue(
    r"\balready\b|\bgot (?:his|her) own\b",
    "already own",
)
_OVER = Cue(
    r"\b(?:gave up|given up|stopped|quit|ex|clean|sober|dry|recovered|in recovery|former|packed in|"
    r"kicked|off the|finished with|free of|got over|\d+ years? (?:clean|sober))\b",
    "gave given stopped quit ex clean sober dry recovered recovery former packed kicked off finished free over",
)
_SOMEBODY = Cue(
    r"\b(?:not (?:mine|hers|his|for me|my)|(?:his|her|their) own (?:counsellor|therapist|gp|worker|"
    r"support)|getting help|own (?:counsellor|therapist))\b",
    "not own getting",
)
_FAMILY = (
    r"(?:husband|wife|partner|mum|mother|dad|father|son|daughter|dtr|brother|sister|nephew|niece|friend|neighbour|"
    r"grandson|granddaughter|mate)"
)
_SOMEBODY_HAS = Cue(
    rf"\b{_FAMILY}s?(?: \w+)? (?:has|have|is|s|got|had|suffers|with|under)\b",
    "has have is s got had suffers with under",
)
_PERSON_FINE = Cue(
    r"\b(?:pt|patient|he|she|they|i|mum|dad)(?: herself| himself| themself| myself)?(?: is|s| am| are)? "
    r"(?:fine|ok|okay|well|alright|fit and well)\b",
    "fine ok okay well alright fit",
)
_NEEDS = ("need", "circumstance")


_CUES = Cues(
    *(WANTED, DECLINED, _DECLINED_AFTER, _NO, _NO_LIST, _LEADING_NO, _NOT_A_NO, _LONG_AGO, _FINE_AFTER, _FINE_NEXT),
    *(_HAS_ONE, _NOT_AN_ISSUE, _ALREADY, _HAS_HELP, _OVER, _SOMEBODY, _SOMEBODY_HAS, _PERSON_FINE),
)


class Said(NamedTuple):
    """A sentence's heading, and the cues that may be in either."""

    head: str
    cues: frozenset[Cue]

    def holds(self, cue: Cue, text: str) -> bool:
        """Whether a cue is in some part of the sentence."""
        return cue in self.cues and cue.pattern.search(text) is not None


def said(head: str, words: Iterable[str]) -> Said:
    """What a sentence of these words, under this heading, may hold."""
    return Said(head, _CUES.among([*head.split(), *words]))


class Surroundings(NamedTuple):
    """The words around one phrase: its clause before and after it, the next clause, the sentence's rest.

    ``carried``: the clause before was a declining that reaches into this one ("no counselling, groups or apps").
    """

    said: Said
    before: str
    after: str
    following: str
    rest: str
    carried: bool

    @property
    def wanted(self) -> bool:
        """Whether the words before the phrase, or its heading, say that it is wanted, missed or loved."""
        head = self.said.head
        return self.said.holds(WANTED, f"{head} {self.before}") or "wants" in head or "matters" in head


def carries(said: Said, piece: str, reached: bool) -> bool:
    """Whether a clause's declining reaches into a short clause after it."""
    return said.holds(DECLINED, piece) or said.holds(_LEADING_NO, piece) or reached


def polarity_of(kind: str, around: Surroundings) -> Polarity:
    """How a phrase of a concept of this kind was meant."""
    said, before = around.said, around.before
    if not (said.cues or said.head or around.carried):
        return Polarity.wanted
    if _NOT_A_NO in said.cues:
        before = _NOT_A_NO.pattern.sub(" ", before)
    if kind == "interest" and _LONG_AGO in said.cues:
        before = _LONG_AGO.pattern.sub(" ", before)
    if said.holds(_NOT_AN_ISSUE, said.head) or said.holds(_NOT_AN_ISSUE, before):
        return Polarity.over
    if _is_declined(kind, before, around):
        return Polarity.declined
    if _is_denied(before, around):
        return Polarity.over if kind in _NEEDS else Polarity.declined
    if _is_somebody_elses(kind, before, around):
        return Polarity.somebody_else
    return _settled(kind, before, around)


def _settled(kind: str, before: str, around: Surroundings) -> Polarity:
    """Whether something that concerns the person is in place already, over, or still wanted."""
    holds = around.said.holds
    if holds(_FINE_AFTER, around.after):
        return Polarity.over if kind == "need" else Polarity.already_has
    if kind in ("need", "offer") and holds(_OVER, _near(before)):
        return Polarity.over
    if kind == "offer" and (holds(_ALREADY, before + around.after) or holds(_HAS_ONE, around.after)):
        return Polarity.already_has
    if kind == "need" and holds(_HAS_HELP, before):
        return Polarity.already_has
    if kind in _NEEDS and not around.wanted and holds(_FINE_NEXT, around.following):
        return Polarity.over
    return Polarity.wanted


def _near(before: str) -> str:
    return " ".join(before.split()[-3:])


def _is_declined(kind: str, before: str, around: Surroundings) -> bool:
    said = around.said
    if "says no" in said.head or "avoid" in said.head:
        return True
    if kind in _NEEDS:
        return said.holds(DECLINED, before) and not _SUFFERED.search(before)
    if said.holds(DECLINED, before) and not _TOO_MUCH.search(before):
        return True
    if around.carried and not said.holds(WANTED, before):
        return True
    return said.holds(_DECLINED_AFTER, around.after) or said.holds(_DECLINED_AFTER, around.following)


def _is_denied(before: str, around: Surroundings) -> bool:
    if around.after.strip().startswith("yet"):
        return False
    return around.said.holds(_NO, _near(before)) or around.said.holds(_NO_LIST, before.strip())


def _is_somebody_elses(kind: str, before: str, around: Surroundings) -> bool:
    holds = around.said.holds
    if holds(_SOMEBODY, before + around.after):
        return True
    if kind not in _NEEDS or around.wanted:
        return False
    return holds(_SOMEBODY, around.rest) or (holds(_SOMEBODY_HAS, before) and holds(_PERSON_FINE, around.rest))
