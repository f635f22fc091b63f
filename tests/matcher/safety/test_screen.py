"""What raises an alert and what does not: one row a case, each with the reason in plain English."""

from __future__ import annotations

import pytest

from matcher.safety import CATEGORIES, SafetyConfig, find_alerts


def categories(note: str) -> set[str]:
    return {alert.category for alert in find_alerts(note)}


FLAGS = [
    # each category, said outright
    ("suicide_self_harm", "Says he will kill himself tonight."),
    ("domestic_sexual_abuse", "Her husband punches her when he drinks."),
    ("adult_at_risk", "Nephew has taken her pension and her bank card."),
    ("child_at_risk", "The toddler is left home alone at night while she works."),
    ("danger_to_others", "Says he will stab the neighbour on Friday."),
    ("trafficking", "The boss keeps his passport and pays him in food."),
    ("medical_emergency", "Crushing chest pain since breakfast, grey and sweating."),
    ("no_food_heat_shelter", "Nowhere to sleep tonight, locks changed."),
    ("overdose_withdrawal", "Took forty paracetamol last night."),
    # said sideways
    ("suicide_self_harm", "They would all be better off without me."),
    ("domestic_sexual_abuse", "He times her shopping and checks the mileage."),
    ("adult_at_risk", "Daughter locks her in while she is at work. Mum has dementia."),
    ("no_food_heat_shelter", "Meter ran out yesterday, kids in their coats in bed."),
    # dialect, short forms and typos
    ("suicide_self_harm", "Sucidal thorts most nites"),
    ("child_at_risk", "The bairns get leathered wi his belt"),
    # the parts stand in sentences next to each other
    ("overdose_withdrawal", "GP stopped his diazepam. Last one Friday. Had a fit in the shop."),
    ("child_at_risk", "Grandson is 6. Old bruise shaped like fingers."),
    # an age in letters, after "of", and for a person first named
    ("child_at_risk", "The twins are asleep, I lock the door when I go to work. They're four."),
    ("child_at_risk", "Lass of 15, her boyfriend has a car and she won't say where they go."),
]

NO_FLAGS = [
    # denied, before and after
    "No thoughts of suicide.",
    "Denies self harm, suicidal thoughts or plans.",
    "Self harm: denied.",
    "DV question asked, negative. Feels safe at home.",
    # past and settled
    "Took an overdose forty years ago, well since.",
    "Her first husband beat her, left him in 1984.",
    "Housed since 2004, slept rough for two winters in his twenties.",
    # somebody far off
    "Her friend's son took an overdose.",
    "Upset by a programme about child abuse on the telly.",
    # figures of speech
    "Dying for a brew, her knee is killing her.",
    "Starving by dinner time, the grandkids will be the death of him.",
    # hobbies and work
    "Shoots clays on Sundays, loves murder mysteries.",
    "Retired from child protection, worked in it for thirty years.",
    # names of services
    "Volunteers at the Samaritans shop.",
    "Enjoys the Stroke Association cafe.",
    # a stable condition
    "Angina, stable, no chest pain. Bipolar, lithium levels good.",
    # nothing at all
    "",
    "Lonely since she moved, likes singing.",
]

HIDDEN_BY_NO_GUARD = [
    # "finish her sentences" is a figure of speech only where others do it
    ("medical_emergency", "So breathless she couldn't finish her sentence, lips blue."),
    # discharged is no proof of being well
    ("no_food_heat_shelter", "Discharged from hospital today with nowhere to sleep."),
    # "her first" is not long ago
    ("medical_emergency", "Had her first seizure this morning."),
    # what follows "had no" is not the seizure
    ("medical_emergency", "Had a seizure this morning, had no warning."),
    # still going on
    ("medical_emergency", "Speech still slurred since breakfast and his arm is weak."),
    # the skin, not the end of something
    ("medical_emergency", "Stung by a wasp, lips and tongue swelling, blotchy all over."),
    # not cooking is not a hobby
    ("no_food_heat_shelter", "Leccy ran out last night, nothing in but pasta she can't cook."),
    # one no does not deny the other thing
    ("domestic_sexual_abuse", "He hits her. No wish to leave yet."),
    # the past stands in another sentence
    ("suicide_self_harm", "Overdose in 1999. Wants to die now, has the tablets."),
    # none of these is a figure of speech
    ("suicide_self_harm", "He says he will kill himself with tablets."),
    ("suicide_self_harm", "Fresh cuts down her arms."),
    ("domestic_sexual_abuse", "Her husband hit her hard in the face."),
    ("medical_emergency", "Had a fit at home this morning, first ever."),
    # not well, said with the word well
    ("suicide_self_harm", "Not been well. Says he wants to end his life."),
]


@pytest.mark.parametrize(("category", "note"), FLAGS)
def test_a_red_flag_raises_its_alert(category, note):
    assert category in categories(note)


@pytest.mark.parametrize("note", NO_FLAGS)
def test_what_is_denied_past_far_off_or_a_manner_of_speaking_raises_none(note):
    assert categories(note) == set()


@pytest.mark.parametrize(("category", "note"), HIDDEN_BY_NO_GUARD)
def test_a_guard_never_hides_what_is_happening_now(category, note):
    assert category in categories(note)


def test_a_question_and_its_answer_are_read_together():
    assert categories("Suicidal? No, none.") == set()
    assert categories("Suicidal? Yes, most nights.") == {"suicide_self_harm"}


def test_alerts_stand_in_one_order_and_once_each():
    note = "Took forty paracetamol. Says he will kill himself. He will kill himself tonight."
    found = [alert.category for alert in find_alerts(note)]
    assert found == sorted(set(found), key=CATEGORIES.index)


def test_an_alert_repeats_none_of_the_words_of_the_note():
    note = "Zanily quaffing Wednesday, he will kill himself with xylophones."
    (alert,) = find_alerts(note)
    said = f"{alert.text} {alert.pathway}".casefold()
    assert [word for word in ("zanily", "quaffing", "wednesday", "xylophones", "kill") if word in said] == []


def test_the_same_note_gives_the_same_alerts_however_it_is_typed():
    note = "He hits her. Nowhere to sleep tonight."
    assert categories(note) == categories(note.upper()) == categories(note.replace(" ", "  "))


def test_the_pathway_is_the_one_that_the_settings_name():
    own = SafetyConfig(suicide_self_harm="Ring our crisis line: 01632 960123.")
    (alert,) = find_alerts("Says he will kill himself.", own)
    assert alert.pathway == "Ring our crisis line: 01632 960123."


def test_every_category_has_a_text_and_a_pathway_with_the_national_numbers():
    pathways = SafetyConfig().pathways()
    assert set(pathways) == set(CATEGORIES)
    said = " ".join(pathways.values())
    assert all(number in said for number in ("999", "111, option 2", "116 123", "0808 2000 247"))
