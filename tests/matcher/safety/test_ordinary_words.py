"""Ordinary things that a person says to a link worker, in words that a red flag also uses: neither may hide the other.

Each trap once raised the alert named beside it; each alarm below is near to one of them in its words.
"""

from __future__ import annotations

import pytest

from matcher.safety import find_alerts

ORDINARY = [
    # company, hobbies and the house
    ("adult_at_risk", "Frail and lives alone, wants a lunch club."),
    ("adult_at_risk", "Just something to get me out of the house."),
    ("adult_at_risk", "He won't go to the surgery however much she nags."),
    ("child_at_risk", "Saving for a black belt for her son."),
    ("child_at_risk", "The kids have left home and the house is quiet."),
    ("domestic_sexual_abuse", "He listens to each match on his transistor."),
    ("domestic_sexual_abuse", "Socially anxious, wants small steps."),
    ("domestic_sexual_abuse", "He keeps falling asleep at night in his chair."),
    ("domestic_sexual_abuse", "He doesn't know where to turn for advice."),
    ("domestic_sexual_abuse", "Ex-NHS eye clinic follow-up."),
    ("no_food_heat_shelter", "Nobody to go out with since Jean died."),
    ("no_food_heat_shelter", "Our church has shut and I've nowhere to go of a Sunday."),
    ("no_food_heat_shelter", "Spends most mornings in the park with the dog."),
    ("no_food_heat_shelter", "Wants to go out on Friday nights."),
    ("overdose_withdrawal", "Rattling about on my own in a big house."),
    ("suicide_self_harm", "Skint, wants a day out."),
    ("suicide_self_harm", "Wants to join our walking group again."),
    ("suicide_self_harm", "Retired, with nothing to get up for."),
    # travel and money
    ("danger_to_others", "Lost his licence, wife does the driving."),
    ("danger_to_others", "Needs petrol for the car to get to work."),
    ("no_food_heat_shelter", "Wants to borrow £200 till payday."),
    ("suicide_self_harm", "No bus, so there's no way out of the village."),
    ("adult_at_risk", "Cares for mum full time, doesn't get a penny for it."),
    ("trafficking", "Offered the job but who will mind the twins?"),
    # health, neither new nor sudden
    ("medical_emergency", "A brisk walk to get the blood pumping."),
    ("medical_emergency", "Shooting pains down her leg for years."),
    ("medical_emergency", "Had a stroke, wants to drive again."),
    ("overdose_withdrawal", "Gone over twice in the garden, wants a balance class."),
    ("danger_to_others", "Stage four cancer, no one gets it."),
]

ALARMS = [
    ("adult_at_risk", "Frail, 88, no carers going in."),
    ("adult_at_risk", "Nephew turns the carers away at the door."),
    ("adult_at_risk", "His mates won't leave the flat, they sell from it."),
    ("child_at_risk", "He takes the belt to the kids."),
    ("child_at_risk", "Kids left on their own in the flat."),
    ("domestic_sexual_abuse", "He listens in on all her calls."),
    ("domestic_sexual_abuse", "Husband mustn't find out I came here."),
    ("domestic_sexual_abuse", "He keeps ringing her at night."),
    ("domestic_sexual_abuse", "Ex follows her home."),
    ("no_food_heat_shelter", "Nowhere to go tonight, landlord has changed the locks."),
    ("no_food_heat_shelter", "Has to be out by Friday, no place found."),
    ("no_food_heat_shelter", "Spent last night in the park."),
    ("no_food_heat_shelter", "She has £3 left till payday, no food."),
    ("overdose_withdrawal", "He's rattling badly, no script since Monday."),
    ("overdose_withdrawal", "Gone over twice on heroin this week."),
    ("suicide_self_harm", "She just wants out of it all."),
    ("suicide_self_harm", "Ready to join her husband now."),
    ("suicide_self_harm", "There's no way out of this."),
    ("suicide_self_harm", "Can't keep herself safe tonight."),
    ("danger_to_others", "He has his shotgun out and says the neighbour is next."),
    ("danger_to_others", "Says he'll pour petrol over her car."),
    ("trafficking", "Promised a job in a restaurant but they took her passport."),
    ("medical_emergency", "Blood pumping out of his leg."),
    ("medical_emergency", "Thinks he's having another stroke today."),
    ("medical_emergency", "Found lying on the kitchen floor since teatime."),
]


def categories(note: str) -> set[str]:
    return {alert.category for alert in find_alerts(note)}


@pytest.mark.parametrize(("once", "note"), ORDINARY)
def test_ordinary_words_raise_no_alert(once, note):
    assert categories(note) == set(), f"once {once}"


@pytest.mark.parametrize(("category", "note"), ALARMS)
def test_an_alarm_in_nearly_the_same_words_still_sounds(category, note):
    assert category in categories(note)
