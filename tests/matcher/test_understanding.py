"""What a person says, clause by clause: one row a note, with how a link worker would take it."""

import pytest

from matcher.domain import Need, Polarity
from matcher.phrases import PhraseFinder
from matcher.understanding import UnderstandingConfig, understand
from tests.factories import a_consultation, a_taxonomy

WANTED, DECLINED, HAS = Polarity.wanted, Polarity.declined, Polarity.already_has
OVER, OTHERS = Polarity.over, Polarity.somebody_else
SETTLED = {HAS, OVER, OTHERS}
"""Already there, over or somebody else's: either way nothing to look for."""

LABELS = {
    "loneliness": ("need", "lonely", "loneliness", "isolated"),
    "anxiety": ("need", "anxiety", "anxious", "panic attacks"),
    "low_mood": ("need", "low mood", "depressed", "depression"),
    "debt": ("need", "debts", "debt", "arrears"),
    "alcohol": ("need", "drinking", "alcohol", "booze"),
    "smoking": ("need", "smoking", "smokes"),
    "bereavement": ("need", "bereavement", "grief", "wife died"),
    "sleep": ("need", "sleep", "sleeping", "insomnia"),
    "benefits": ("need", "pip", "benefits", "universal credit"),
    "damp": ("need", "damp", "mould"),
    "carer": ("circumstance", "carer", "cares for"),
    "diabetes": ("circumstance", "diabetes", "t2dm"),
    "veteran": ("circumstance", "veteran", "ex army"),
    "counselling": ("offer", "counselling", "counsellor", "talking therapy"),
    "choir": ("offer", "choir"),
    "walking_group": ("offer", "walking group"),
    "support_group": ("offer", "support group", "peer support"),
    "group": ("setting", "group", "groups"),
    "lunch_club": ("offer", "lunch club"),
    "befriending": ("offer", "befriender", "befriending"),
    "gym": ("offer", "gym"),
    "food_bank": ("offer", "food bank"),
    "apps": ("offer", "app", "apps"),
    "day_centre": ("offer", "day centre"),
    "singing": ("interest", "singing", "sing"),
    "gardening": ("interest", "gardening", "allotment", "garden"),
    "painting": ("interest", "painting", "watercolours"),
    "swimming": ("interest", "swimming", "swim"),
    "football": ("interest", "football"),
    "fishing": ("interest", "fishing", "angling"),
    "bingo": ("interest", "bingo"),
    "dancing": ("interest", "dancing", "dances"),
}


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    concepts = [(key, key.replace("_", " "), kind, "", "test", "", "", "") for key, (kind, *_) in LABELS.items()]
    labels = [(key, text, "both", "1") for key, (_, *texts) in LABELS.items() for text in texts]
    folder = tmp_path_factory.mktemp("taxonomy")
    return a_taxonomy(folder, concepts=concepts, labels=labels, links=(), lookalikes=())


@pytest.fixture(scope="module")
def read(taxonomy):
    finder = PhraseFinder(taxonomy.labels, "person")

    def reading(note="", **changes):
        return understand(a_consultation(note=note, **changes), finder, taxonomy, UnderstandingConfig())

    return reading


def meant(understanding, concept):
    return {unit.polarity for unit in understanding.units if unit.concept == concept}


POLARITY = [
    # Said plainly, or wanted in so many words
    ("Lonely since she moved.", "loneliness", WANTED),
    ("Low mood, 6/12.", "low_mood", WANTED),
    ("Doesn't want a whole choir around him.", "choir", WANTED),  # only so much of it is declined
    ("Would love to try painting.", "painting", WANTED),
    ("Wants a choir.", "choir", WANTED),
    ("Asked about counselling.", "counselling", WANTED),
    ("Keen on swimming but cannot afford it.", "swimming", WANTED),
    ("Main worry is debt.", "debt", WANTED),
    ("T2DM, diet controlled.", "diabetes", WANTED),
    ("Fed up of being lonely.", "loneliness", WANTED),
    ("Not just lonely, frightened.", "loneliness", WANTED),
    ("No longer drives and misses dancing.", "dancing", WANTED),
    ("Can't cope with the debts.", "debt", WANTED),
    ("Doesn't go out, so lonely.", "loneliness", WANTED),
    ("Never been so lonely.", "loneliness", WANTED),
    ("Doesn't know anybody who likes fishing.", "fishing", WANTED),
    ("Wouldn't mind a walking group.", "walking_group", WANTED),
    ("No befriender yet.", "befriending", WANTED),
    ("Nobody has offered counselling.", "counselling", WANTED),
    # Past but loved
    ("Used to love gardening.", "gardening", WANTED),
    ("Misses singing.", "singing", WANTED),
    ("Hasn't been fishing since he retired.", "fishing", WANTED),
    ("Enjoyed football before his knee went.", "football", WANTED),
    ("Gave up her allotment when the bus stopped.", "gardening", WANTED),
    ("Was never happier than when dancing.", "dancing", WANTED),
    # Declined
    ("Doesn't want counselling.", "counselling", DECLINED),
    ("No counselling, said so twice.", "counselling", DECLINED),
    ("Won't do groups, won't do a choir.", "choir", DECLINED),
    ("Won't do counselling, bingo, a choir.", "choir", DECLINED),
    ("Refuses a day centre.", "day_centre", DECLINED),
    ("Not keen on bingo.", "bingo", DECLINED),
    ("Hates bingo.", "bingo", DECLINED),
    ("Can't stand singing.", "singing", DECLINED),
    ("Anything but bingo!", "bingo", DECLINED),
    ("Not a lunch club.", "lunch_club", DECLINED),
    ("No apps please.", "apps", DECLINED),
    ("Declined a befriender.", "befriending", DECLINED),
    ("Turned down counselling.", "counselling", DECLINED),
    ("Never again a support group.", "support_group", DECLINED),
    ("Says no to the gym.", "gym", DECLINED),
    ("Sick of counselling.", "counselling", DECLINED),
    ("Not interested in painting.", "painting", DECLINED),
    ("Not ready for a support group.", "support_group", DECLINED),
    ("Would rather not join a choir.", "choir", DECLINED),
    ("Bingo is not for him.", "bingo", DECLINED),
    ("Swimming? No thanks.", "swimming", DECLINED),
    ("Tried counselling, hated it.", "counselling", DECLINED),
    ("Tried counselling before, no use.", "counselling", DECLINED),
    ("Had counselling, didn't get on with it.", "counselling", DECLINED),
    ("Been offered counselling but turned it down.", "counselling", DECLINED),
    ("Had enough of counselling.", "counselling", DECLINED),
    ("Has had his fill of bingo.", "bingo", DECLINED),
    ("Can't be doing with bingo.", "bingo", DECLINED),
    ("The last thing she wants is a lunch club.", "lunch_club", DECLINED),
    ("A lunch club is the last thing he wants.", "lunch_club", DECLINED),
    ("Doesn't believe in counselling.", "counselling", DECLINED),
    ("Doesn't feel he needs a befriender.", "befriending", DECLINED),
    ("Doesn't think counselling would help.", "counselling", DECLINED),
    ("Counselling, not keen.", "counselling", DECLINED),
    ("Counselling suggested, declines.", "counselling", DECLINED),
    ("Counselling: no.", "counselling", DECLINED),
    ("Counselling - no thanks.", "counselling", DECLINED),
    ("Dreads the day centre.", "day_centre", DECLINED),
    ("Has ruled out the gym.", "gym", DECLINED),
    ("Not going back to the gym.", "gym", DECLINED),
    ("Counselling made things worse.", "counselling", DECLINED),
    ("Bad experience of a support group.", "support_group", DECLINED),
    ("Reluctant to try a support group.", "support_group", DECLINED),
    ("Smokes 20, not giving up this year so don't ask!", "smoking", DECLINED),
    ("Smokes, no plans to stop.", "smoking", DECLINED),
    # Already there
    ("Already has a befriender.", "befriending", HAS),
    ("Already goes to a lunch club.", "lunch_club", HAS),
    ("Attends the day centre.", "day_centre", HAS),
    ("Currently sees a counsellor.", "counselling", HAS),
    ("Counselling already in place.", "counselling", HAS),
    ("Referred to counselling, waiting.", "counselling", HAS),
    ("Counselling x6 done.", "counselling", SETTLED),
    ("PIP is sorted.", "benefits", SETTLED),
    ("Has his own counsellor.", "counselling", HAS),
    ("Counselling every Tuesday.", "counselling", HAS),
    ("Gets counselling through work.", "counselling", HAS),
    ("Counselling starts next week.", "counselling", HAS),
    ("Counselling ongoing.", "counselling", HAS),
    ("Sees a counsellor.", "counselling", HAS),
    ("Has been having counselling.", "counselling", HAS),
    ("Had 6 sessions of counselling.", "counselling", HAS),
    ("Awaiting counselling.", "counselling", HAS),
    ("Has been referred for counselling.", "counselling", HAS),
    ("Would like a lunch club once a week.", "lunch_club", WANTED),
    # Over, or not so
    ("Gave up drinking 5 yrs ago.", "alcohol", OVER),
    ("Stopped smoking in 2019.", "smoking", OVER),
    ("Not depressed.", "low_mood", OVER),
    ("No debts.", "debt", OVER),
    ("Denies low mood.", "low_mood", OVER),
    ("Isn't lonely.", "loneliness", OVER),
    ("Sleeping fine.", "sleep", SETTLED),
    ("Sleep ok.", "sleep", SETTLED),
    ("The damp has been sorted.", "damp", SETTLED),
    ("Money no problem, debts paid up.", "debt", SETTLED),
    ("No issues with sleep.", "sleep", OVER),
    ("Anxiety is well controlled.", "anxiety", SETTLED),
    ("Drinking is not the problem.", "alcohol", OVER),
    ("Doesn't drink or smoke, no drinking at home.", "alcohol", OVER),
    ("Nil alcohol.", "alcohol", OVER),
    ("Never smokes.", "smoking", OVER),
    ("Denies any anxiety or depression.", "low_mood", OVER),
    # Somebody else's
    ("Daughter has anxiety, pt is fine.", "anxiety", OTHERS),
    ("Husband's drinking, he is getting help.", "alcohol", OTHERS),
    ("Son has debts but that is not for me to sort.", "debt", OTHERS),
    ("Sister goes to a choir.", "choir", SETTLED),
    ("Mum's depression, she has her own counsellor.", "counselling", SETTLED),
    ("The debts are his, not mine.", "debt", OTHERS),
    # A near-by word of another clause changes nothing
    ("No car. Lonely.", "loneliness", WANTED),
    ("No counselling, but would like a choir.", "choir", WANTED),
    ("Hates bingo, loves fishing.", "fishing", WANTED),
    ("Not depressed, just lonely.", "loneliness", WANTED),
    ("Not lonely, plays football weekly.", "football", WANTED),
    ("Not depressed - lonely.", "loneliness", WANTED),
    ("Dreads being lonely.", "loneliness", WANTED),
    ("Had enough of being lonely.", "loneliness", WANTED),
    ("Wants to cut down drinking, not stop.", "alcohol", WANTED),
    ("Reluctant to give up swimming.", "swimming", WANTED),
    ("Gave up drinking, now wants the gym.", "gym", WANTED),
    ("Doesn't want counselling; a walking group would do.", "walking_group", WANTED),
    ("Has a befriender already, would like a lunch club.", "lunch_club", WANTED),
    ("No counselling, groups or apps.", "apps", DECLINED),
]


@pytest.mark.parametrize(("note", "concept", "polarity"), POLARITY, ids=[row[0] for row in POLARITY])
def test_a_note_is_taken_as_it_was_meant(read, note, concept, polarity):
    found = meant(read(note), concept)
    assert found
    assert found <= (polarity if isinstance(polarity, set) else {polarity})


def test_a_heading_rules_what_stands_under_it(read):
    assert meant(read("SAYS NO TO: counselling, bingo"), "bingo") == {DECLINED}
    assert meant(read("PT WANTS: a choir"), "choir") == {WANTED}


def test_a_clear_wish_weighs_more_than_a_mention_in_passing(read):
    config = UnderstandingConfig()
    (wish,) = read("Would love a choir.").units
    (mention,) = read("There was a choir.").units
    assert (wish.weight, mention.weight) == (config.note_wanted, config.note)
    assert wish.weight > mention.weight


def test_a_unit_keeps_the_words_it_was_said_in(read):
    (unit,) = read("She used to do Watercolours.").units
    assert (unit.quote, unit.source) == ("watercolours", "note")


def test_ticked_needs_weigh_by_importance_and_interests_by_their_own_number(read):
    config = UnderstandingConfig()
    needs = tuple(Need(label, importance) for importance, label in enumerate(("debt", "anxiety", "mould"), start=1))
    found = read(needs=needs, interests=("fishing",))
    assert [unit.weight for unit in found.units] == [*config.need_weights, config.interest]
    assert [unit.source for unit in found.units] == ["need"] * 3 + ["interest"]


def test_each_listed_entry_is_a_facet_and_each_unit_of_the_note_after_them(read):
    found = read("Lonely. Loves fishing.", needs=(Need("debt and arrears"), Need("anxiety")), interests=("singing",))
    facets = [(unit.concept, unit.facet) for unit in found.units]
    assert facets == [("debt", 0), ("debt", 0), ("anxiety", 1), ("singing", 2), ("loneliness", 3), ("fishing", 4)]


def test_what_to_avoid_is_declined_whatever_its_words(read):
    found = read("Lonely.", avoid=("choir", "would love bingo"))
    assert meant(found, "choir") == meant(found, "bingo") == {DECLINED}


def test_typing_slips_are_read_through(read):
    assert meant(read("Very lonley, misses gardning."), "loneliness") == {WANTED}
    assert meant(read(needs=(Need("counseling"),)), "counselling") == {WANTED}


def test_what_is_said_is_what_is_wanted(read):
    found = read("Lonely. No counselling. Stopped smoking. Loves fishing.")
    assert found.said == ("fishing", "loneliness")


def test_a_ticked_entry_that_no_phrase_places_is_named_once_in_the_order_ticked(read):
    needs = (Need("Zorbing"), Need("lonely"), Need("dowsing"))
    found = read("Zorbing and quokkas.", needs=needs, interests=("singing", "Zorbing"), avoid=("marmots",))
    assert found.not_understood == ("Zorbing", "dowsing")
    assert found.not_avoided == ("marmots",)


def test_a_typo_or_a_way_of_doing_things_is_understood(read):
    assert read(interests=("gardenning", "groups")).not_understood == ()


def test_times_are_read_from_the_note(read):
    assert read("Lonely.").week is None
    assert not read("Lonely. Works Mondays.").week[0].any()


@pytest.mark.parametrize("note", ["", " ", "...", "?!", "12345", "🙂🙂", "а не англійською"])
def test_a_note_without_words_means_nothing(read, note):
    found = read(note)
    assert (found.units, found.said, found.week) == ((), (), None)
