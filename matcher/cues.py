"""What people say around a phrase when they want it, decline it, have it or mean somebody else's.

Texts are normalised (lower case, no apostrophes). Most sentences hold no cue word at all, so each cue is tried only
where one of its words stands.
"""

from __future__ import annotations

import re

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
    r"nothing to do with|nothing like|sick (?:to death )?of|fed up (?:of|with)|put off|avoids?|steers? clear|"
    r"keeps? (?:away|clear)|not seeking|anything but|rather not|prefers? not|allergic to|turned down|ruled out|"
    r"nowt wi\w*|(?:had|has|have) (?:had )?(?:enough|(?:his|her|my|their) fill) of|done with|"
    r"last thing \w+ (?:wants?|needs?) is|"
    r"dreads?|dreading|loathes?|detests?|wary of|"
    r"reluctant (?:re|to (?:try|join|go|come|attend|have|do|see|use|take))|uninterested|unwilling|walked out of|"
    r"wants out of|bad (?:experiences?|time|memories) (?:of|with|at|in))\b|"
    r"cant (?:stand|abide|face|bear|be (?:doing|bothered|fussed) with)\b|(?:not|never) going (?:back|near)\b|"
    r"(?:dont|doesnt|didnt|does not|do not|did not) (?:\w+ )?(?:believe in|hold with|get on with|"
    r"(?:think|feel) (?:\w+ )?needs?\b|think(?: that| a| the| more)? ?$)|"
    r"(?:not|wasnt|isnt|werent) (?:keen|interested|after|into|bothered about|looking|for|ready|a|another|any|"
    r"in the (?:right )?(?:place|headspace|mood) for)\b)",
    "dont doesnt didnt wont wouldnt not never hate hates hated refus* declin* no nothing sick fed put avoid avoids "
    "steer steers keep keeps anything rather prefer prefers allergic turned ruled nowt cant enough fill done last "
    "dread dreads dreading loathe loathes detest detests wary reluctant uninterested unwilling walked wants "
    "bad wasnt isnt werent",
)
SUFFERED = re.compile(
    r"\b(?:hates?|hated|sick (?:to death )?of|fed up (?:of|with)|cant (?:stand|abide|bear|face)|enough of|fill of|"
    r"dreads?|dreading|loathes?|detests?|wary of|reluctant|unwilling|done with|bad (?:experiences?|time|memories) \w+|"
    r"(?:dont|doesnt|does not|do not) (?:\w+ )?(?:(?:want to|like) (?:be|being|feel|feeling)|get on with))\b"
)
"""Said of a need, these are the complaint itself: "fed up of being lonely"."""
DECLINED_AFTER = Cue(
    r"^(?: |and |which |that |it |he |she |they |i |pt |but |did |has |is |was |a |only |too |suggested |mentioned |"
    r"offered |before |last year )*"
    r"(?:hated|(?:didnt|did not|never|doesnt) (?:like|help|helped|work|worked|suit|suited|get on with it)|"
    r"(?:not|isnt|wasnt) (?:for (?:me|him|her|them|us)|helpful|keen|interested|what (?:he|she|they|i) wants?|any good)|"
    r"isnt for|no thanks?|no thank you|(?:isnt|not) (?:my|his|her|their) (?:thing|cup of tea|scene)|did nothing|"
    r"(?:says|said) no|no (?:use|good|help)|no(?=[ .!]*$)|declin(?:es|ed|ing)|refus(?:es|ed|ing)|never again|"
    r"waste of time|turned (?:it|them|this|that) down|wouldnt (?:go|try it)|wont (?:go|try|do)|"
    r"made (?:it|things|her|him|me) worse|"
    r"went badly|unhelpful|useless|(?:is |was )?the last thing|put (?:me|him|her|them) off|dont ask)\b",
    "hated didnt did never doesnt not isnt wasnt no nothing declin* refus* waste turned wouldnt wont worse badly "
    "unhelpful useless last put dont",
)
KEEPS_IT = Cue(
    r"^(?: |and |but |\d+ |a day |still |he |she |they |i |pt |is |has |so )*"
    r"(?:(?:not|isnt|wont be) (?:giving (?:\w+ )?up|stopping|quitting)|"
    r"(?:no (?:plans|wish|desire|intention)|doesnt want|dont want|not ready|not willing|wont) (?:to |of )?"
    r"(?:giv(?:e|ing) (?:\w+ )?up|stop|stopping|quit)|"
    r"dont (?:ask|mention|start)|not to be (?:mentioned|raised))\b",
    "not isnt no doesnt dont wont",
)
"""Said of smoking, drinking or weight, these ask not to be talked out of it."""
NO = Cue(
    r"\b(no|not|nor|never|nil|none|isnt|wasnt|arent|aint|hasnt|havent|denies|denied|nowt|without|neither)\b",
    "no not nor never nil none isnt wasnt arent aint hasnt havent denies denied nowt without neither",
)
NO_LIST = Cue(rf"{NO.pattern.pattern}(?: \w+){{0,6}} (?:or|nor|and)(?: (?:any|of))?$", " ".join(NO.words))
LEADING_NO = Cue(
    r"^\s*(?:no|not|nor|neither)\b",
    "no not nor neither",
)
NOT_A_NO = Cue(
    r"\bnot (?:just|only)\b|\bnever (?:been|felt|was) (?:so|this|more)\b|\bno wonder\b|\bno doubt\b|"
    r"\bwouldnt mind\b|\bdoesnt mind\b|\bnot averse to\b|\bnot sure\b",
    "not never wonder doubt wouldnt doesnt",
)
TOO_MUCH = re.compile(r"\b(?:whole|entire|full size|full sized)\b(?: \w+)?\s*$")
"""Declined is only so much of it: "doesn't want a whole plot to himself"."""
DOES = Cue(
    r"\b(?:\dx|x\d|daily|weekly|(?:a|per) (?:week|wk|day|month)|every|on (?:mon|tue|wed|thu|fri|sat|sun)\w*|"
    r"goes|does|plays|swims|walks|sees|has|gets|drives|attends|runs)\b",
    "0* 1* 2* 3* 4* 5* 6* 7* 8* 9* x* daily weekly a per every on goes does plays swims walks sees has gets drives "
    "attends runs",
)
LONG_AGO = Cue(
    r"\b(?:hasnt|havent|hadnt|not|never) (?:really |properly )?(?:been|done|played|swum|sung|danced|touched|had|"
    r"picked up|gone|ridden|painted|made)\b",
    "hasnt havent hadnt not never",
)
"""Said of something loved, these mean that it is missed: "hasn't been fishing since he retired"."""
FINE_AFTER = Cue(
    r"\b(?:isnt|is not|not|aint|arent|not really|no longer)(?: (?:the|a|an|my|his|her))? (?:issue|"
    r"trouble|problem|reason|bother|concern|worry|priority)s?\b"
    r"|\b(?:ok|okay|fine|sorted|all right|alright|well controlled|controlled|not a worry|paid up|"
    r"in place|settled|already sorted|no problem|perfect|gone|resolved)\b",
    "isnt not aint arent longer ok okay fine sorted right alright controlled paid place settled problem perfect gone "
    "resolved",
)
FINE_NEXT = Cue(
    r"^(?:all |both |is |are |its |thats |now |currently |very |has been )*"
    r"(?:(?:well|stable and well) (?:controlled|managed)|controlled|stable|sorted|in place|in situ|under control|"
    r"not (?:the|an|her|his|my|a) (?:reason|issue|problem|worry|trouble)|no (?:longer|bother))\b",
    "controlled managed stable sorted place situ control not longer bother",
)
HAS_ONE = Cue(
    r"^\s*(?:yes|in situ|fitted|in place|already)\b",
    "yes situ fitted place already",
)
NOT_AN_ISSUE = Cue(
    r"\b(?:not an issue|no issues?|no problems?|no concerns?|no worries|nil concerns?|not the reason)\b",
    "issue issues problem problems concern concerns worries reason",
)
ALREADY = Cue(
    r"\b(?:already|got his own|got her own|has (?:his|her|their) own|under (?:the )?(?:gp|cmht|paeds|"
    r"hospital|consultant|team|care|\w+ at)|attends|goes to|currently|in place|completed|finished|ended|"
    r"discharged|has it|being (?:sorted|dealt)|involved|aware|ref made|referred (?:to|for|into|last)|seen x\d|x\d|done|"
    r"(?:has|have|is|been) (?:had|having)|had \d+ sessions|(?:sees|seeing) (?:an?|the|his|her)|waiting (?:list )?for|"
    r"on (?:the|a) list for|awaiting|signed up (?:to|for|with)|known to|on (?:meds|tablets|hrt|sertraline))\b",
    "already own under attends goes currently place completed finished ended discharged has being involved aware ref "
    "referred seen x* done had having sees seeing waiting list awaiting signed known meds tablets hrt sertraline",
)
GOING_ON = Cue(
    r"^(?: \w+){0,2} (?:weekly|fortnightly|ongoing|every (?:week|fortnight|month|\w+day)|"
    r"once a (?:week|fortnight|month)|(?:two|three|\d|twice|\dx) a (?:week|wk)|through (?:work|the|his|her|their)|"
    r"booked|arranged|set up|start(?:s|ing)? (?:on|next|in|soon|mon|tue|wed|thu|fri))\b",
    "weekly fortnightly ongoing every once a through booked arranged set start starts starting",
)
"""Said right after a way of help, these mean that it runs: "counselling every Tuesday", "carers twice a day"."""
HAS_HELP = Cue(
    r"\balready\b|\bgot (?:his|her) own\b",
    "already own",
)
OVER = Cue(
    r"\b(?:gave up|given up|stopped|quit|ex|clean|sober|dry|recovered|in recovery|former|packed in|"
    r"kicked|off the|finished with|free of|got over|\d+ years? (?:clean|sober))\b",
    "gave given stopped quit ex clean sober dry recovered recovery former packed kicked off finished free over",
)
SOMEBODY = Cue(
    r"\b(?:not (?:mine|hers|his|for me|my)|(?:his|her|their) own (?:counsellor|therapist|gp|worker|"
    r"support)|getting help|own (?:counsellor|therapist))\b",
    "not own getting",
)
FAMILY = (
    r"(?:husband|wife|partner|mum|mother|dad|father|son|daughter|dtr|brother|sister|nephew|niece|friend|neighbour|"
    r"grandson|granddaughter|mate)"
)
SOMEBODY_HAS = Cue(
    rf"\b{FAMILY}s?(?: \w+)? (?:has|have|is|s|got|had|suffers|with|under)\b",
    "has have is s got had suffers with under",
)
PERSON_FINE = Cue(
    r"\b(?:pt|patient|he|she|they|i|mum|dad)(?: herself| himself| themself| myself)?(?: is|s| am| are)? "
    r"(?:fine|ok|okay|well|alright|fit and well)\b",
    "fine ok okay well alright fit",
)

CUES = Cues(
    *(
        WANTED,
        DECLINED,
        DECLINED_AFTER,
        KEEPS_IT,
        NO,
        NO_LIST,
        LEADING_NO,
        NOT_A_NO,
        DOES,
        LONG_AGO,
        FINE_AFTER,
        FINE_NEXT,
    ),
    *(HAS_ONE, NOT_AN_ISSUE, ALREADY, GOING_ON, HAS_HELP, OVER, SOMEBODY, SOMEBODY_HAS, PERSON_FINE),
)
