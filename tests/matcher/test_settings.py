"""All tunable numbers in one frozen, fingerprinted object."""

import pytest
from pydantic import BaseModel, ValidationError

from matcher.data_files import data_path
from matcher.domain import SettingsError, TaxonomyError
from matcher.settings import Settings, read_settings
from tests.factories import LINK_COLUMNS, a_taxonomy, write_rows


@pytest.fixture
def written(tmp_path):
    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_an_empty_file_gives_the_defaults(written):
    assert read_settings(written("")) == Settings()


def test_the_shipped_settings_can_be_read():
    assert read_settings(data_path("settings", "default.toml")).provenance


def test_a_file_changes_what_it_names_and_nothing_else(written):
    settings = read_settings(written('provenance = "tried by hand"\ntop = 5\n[ranking]\nnear_half_km = 2.5\n'))
    expected = Settings().changed(top=5, ranking__near_half_km=2.5)
    assert settings.model_dump(exclude={"provenance"}) == expected.model_dump(exclude={"provenance"})
    assert (settings.top, settings.ranking.near_half_km, settings.provenance) == (5, 2.5, "tried by hand")


WRONG = [
    ("colour = 1", "colour"),
    ("[ranking]\ncolour = 1", "ranking.colour"),
    ("[rankings]\ntags = 1", "rankings"),
    ("top = 0", "top"),
    ("top = 5000", "top"),
    ('top = "many"', "top"),
    ('scorers = ["magic"]', "scorers"),
    ("[ranking]\ntags = nan", "ranking.tags"),
    ("[ranking]\ntags = inf", "ranking.tags"),
    ("[ranking]\ntags = 1e999", "ranking.tags"),
    ("[ranking]\nnear = -0.1", "ranking.near"),
    ("[ranking]\nunsure = 1.1", "ranking.unsure"),
    ("[understanding]\nneed_weights = [0.5, nan, 1.0]", "understanding.need_weights"),
    ("[understanding]\nneed_weights = [0.5, 1.0]", "understanding.need_weights"),
    ("[weights.loneliness]\nchoir = nan", "weights.loneliness.choir"),
]


@pytest.mark.parametrize(("text", "setting"), WRONG, ids=[row[0].replace("\n", " ") for row in WRONG])
def test_a_wrong_setting_is_refused_naming_file_and_setting(written, text, setting):
    with pytest.raises(SettingsError) as refused:
        read_settings(written(text))
    assert str(refused.value).startswith(f"mine.toml: {setting}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["top = ", "= 3", "top = 1\ntop = 2", "\x00"])
def test_what_is_not_toml_is_refused_naming_the_file(written, text):
    with pytest.raises(SettingsError, match=r"^mine\.toml: cannot be read"):
        read_settings(written(text))


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'provenance = "caf\xe9"')
    for name in ("none.toml", "latin.toml", "."):
        with pytest.raises(SettingsError, match="cannot be read"):
            read_settings(tmp_path / name)


def every_number(model: BaseModel, prefix=""):
    """Dotted name and value of every setting."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from every_number(value, f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}", value


def another(value):
    """A valid value that is not this one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value + 0.001
        case str():
            return value + "x"
        case (float(), *_) | (int(), *_):
            return tuple(another(item) for item in value)
        case tuple():
            return value[1:] if value else ("cost",)
        case dict():
            return {"loneliness": {"choir": 0.5}}
    raise AssertionError(value)


SETTINGS = sorted(name for name, _ in every_number(Settings()))


@pytest.mark.parametrize("name", SETTINGS)
def test_the_fingerprint_changes_with_every_value_but_the_provenance(name):
    before = Settings()
    value = dict(every_number(before))[name]
    after = before.changed(**{name: another(value)})
    assert (after.fingerprint == before.fingerprint) is (name == "provenance")


def test_the_fingerprint_is_the_same_however_the_settings_were_made(written):
    by_file = read_settings(written("[ranking]\nnear = 0.2\ntags = 0.5\n"))
    by_name = Settings().changed(ranking__tags=0.5).changed(ranking__near=0.2)
    assert by_file.fingerprint == by_name.fingerprint
    assert len(by_file.fingerprint) == 12


def test_changed_leaves_the_original_alone():
    settings = Settings()
    settings.changed(top=3, ranking__near=0.9)
    assert settings == Settings()


@pytest.mark.parametrize("name", ["colour", "ranking__colour", "colour__near", "ranking__near__more", "top__x"])
def test_changing_a_setting_that_does_not_exist_says_so(name):
    with pytest.raises(SettingsError, match=f"there is no setting {name.replace('__', '.')}"):
        Settings().changed(**{name: 1})


def test_changing_a_setting_to_nonsense_says_which():
    with pytest.raises(SettingsError, match=r"settings: ranking\.near"):
        Settings().changed(ranking__near="close")
    with pytest.raises(SettingsError, match=r"settings: ranking\.near: must be a finite number"):
        Settings().changed(ranking__near=float("nan"))


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        Settings().top = 3


def test_a_file_of_weights_beside_the_settings_replaces_the_taxonomys(written, tmp_path):
    write_rows(tmp_path / "weights.csv", LINK_COLUMNS, [("loneliness", "choir", "0.25", "tuned")])
    settings = read_settings(written('weights = "weights.csv"'))
    taxonomy = a_taxonomy(tmp_path / "taxonomy")
    applied = settings.applied_to(taxonomy)
    assert (taxonomy.links["loneliness", "choir"], applied.links["loneliness", "choir"]) == (0.6, 0.25)
    assert applied.links["singing", "choir"] == taxonomy.links["singing", "choir"]
    assert settings.fingerprint != Settings().fingerprint


def test_without_weights_of_its_own_the_taxonomy_stays_as_it_is(tmp_path):
    taxonomy = a_taxonomy(tmp_path)
    assert Settings().applied_to(taxonomy) is taxonomy


@pytest.mark.parametrize("weight", ["1.5", "-1", "nan", "1e309", "٣"])
def test_a_weight_that_is_none_is_refused_naming_file_and_row(written, tmp_path, weight):
    write_rows(tmp_path / "weights.csv", LINK_COLUMNS, [("loneliness", "choir", weight, "")])
    with pytest.raises(TaxonomyError, match=r"weights\.csv row 2"):
        read_settings(written('weights = "weights.csv"'))


def test_weights_of_concepts_that_do_not_exist_are_refused(tmp_path):
    settings = Settings(weights={"loneliness": {"zorbing": 0.5}})
    with pytest.raises(TaxonomyError, match="zorbing"):
        settings.applied_to(a_taxonomy(tmp_path))
