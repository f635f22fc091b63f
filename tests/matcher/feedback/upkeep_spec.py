"""What every store must do over the years: forget people, export, and change its schema."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from matcher.domain import InputError
from matcher.feedback import (
    DeclineReason,
    Forgotten,
    Status,
    Store,
    StoreTooNewError,
    as_judgements,
    as_run,
    erase_person,
    expire_before,
    export_frame,
    retention,
)
from matcher.feedback.keeping import person_hmac
from matcher.feedback.migrating import migrate
from matcher.feedback.schema import metadata
from tests.matcher.feedback.builders import KEY, NOON, REF, STAMP, Clock, a_shown, an_answer, an_outcome
from tests.matcher.feedback.tables import count, first_schema_rows, shape, table

FIRST = "0001"


class UpkeepSpec:
    """A subclass gives the fixtures ``url``, ``clock`` and ``store``."""

    # forgetting

    def test_erasing_a_person_takes_their_answers_and_outcomes_and_nobody_elses(self, store: Store) -> None:
        store.record_answer(an_answer("theirs", person_hmac=person_hmac(REF, KEY)))
        store.record_answer(an_answer("by outcome"))
        store.record_answer(an_answer("another's", person_hmac=person_hmac("another", KEY)))
        for place, response_id in enumerate(("theirs", "by outcome", "another's")):
            ref = None if response_id == "another's" else REF
            store.record_outcome(an_outcome(f"key-{place}", response_id=response_id, person_ref=ref))
        assert erase_person(store, REF) == Forgotten(answers=2, outcomes=2)
        assert table(store, "SELECT response_id FROM answers") == [("another's",)]
        assert table(store, "SELECT DISTINCT response_id FROM shown") == [("another's",)]
        assert table(store, "SELECT response_id FROM outcomes") == [("another's",)]

    def test_erasing_somebody_unknown_removes_nothing(self, store: Store) -> None:
        store.record_answer(an_answer())
        assert erase_person(store, "nobody") == Forgotten(0, 0)
        assert count(store, "answers") == 1

    def test_erasing_nobody_in_particular_is_refused(self, store: Store) -> None:
        with pytest.raises(InputError, match="person_ref"):
            erase_person(store, "  ")

    def test_answers_expire_unless_something_happened_to_them_since(self, store: Store, clock: Clock) -> None:
        for response_id in ("old", "old but alive"):
            store.record_answer(an_answer(response_id))
        store.record_outcome(an_outcome("early", response_id="old"))
        clock.now = NOON + timedelta(days=30)
        store.record_outcome(an_outcome("late", response_id="old but alive"))
        store.record_answer(an_answer("young"))
        assert expire_before(store, (NOON + timedelta(days=1)).date()) == Forgotten(answers=1, outcomes=1)
        assert table(store, "SELECT response_id FROM answers ORDER BY sequence") == [("old but alive",), ("young",)]

    def test_more_answers_than_one_statement_takes_expire_together(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "CHUNK", 3)
        for place in range(7):
            store.record_answer(an_answer(f"answer-{place}", shown=()))
        assert expire_before(store, (NOON + timedelta(days=1)).date()).answers == 7
        assert count(store, "answers") == 0

    # export

    def test_the_export_has_a_row_for_each_service_shown_and_each_chosen_from_elsewhere(self, store: Store) -> None:
        store.record_answer(an_answer())
        store.record_outcome(an_outcome("1", status=Status.discussed))
        store.record_outcome(an_outcome("2", status=Status.attended))
        store.record_outcome(an_outcome("3", service_id="elsewhere"))
        frame = export_frame(store)
        assert list(frame["service_id"]) == ["svc-1", "svc-2", "elsewhere"]
        assert list(frame["status"].fillna("none yet")) == ["attended", "none yet", "referred"]
        assert frame["history"][0] == ["discussed", "attended"]
        assert list(as_run(frame)["rank"]) == [1, 2]
        assert set(frame["stamp"]) == {str(STAMP)}

    def test_outcomes_read_as_grades_where_they_tell_about_the_match(self, store: Store) -> None:
        expected = {
            "svc-1": (Status.attended, None, 3),
            "svc-2": (Status.referred, None, 2),
            "svc-3": (Status.discussed, None, 1),
            "svc-4": (Status.not_suitable, None, 0),
            "svc-5": (Status.declined, DeclineReason.not_interested, 0),
            "svc-6": (Status.declined, DeclineReason.not_eligible, 0),
        }
        store.record_answer(an_answer(shown=tuple(a_shown(rank) for rank in range(1, 9))))
        for service_id, (status, reason, _) in expected.items():
            store.record_outcome(an_outcome(service_id, service_id=service_id, status=status, reason=reason))
        store.record_outcome(
            an_outcome("full", service_id="svc-7", status=Status.declined, reason=DeclineReason.capacity)
        )
        judgements = as_judgements(export_frame(store)).set_index("service_id")
        assert dict(judgements["grade"]) == {service_id: grade for service_id, (_, _, grade) in expected.items()}
        assert judgements["barred"]["svc-6"] == "not eligible"

    def test_an_empty_store_exports_no_rows(self, store: Store) -> None:
        assert export_frame(store).empty
        assert as_judgements(export_frame(store)).empty

    def test_the_export_can_begin_at_a_day(self, store: Store) -> None:
        store.record_answer(an_answer("old", as_of=date(2026, 1, 31)))
        store.record_answer(an_answer("new", as_of=date(2026, 2, 1)))
        assert set(export_frame(store, since=date(2026, 2, 1))["consultation_id"]) == {"new"}

    # migrations

    def test_the_migrations_make_what_the_program_expects(self, store: Store) -> None:
        store.prepare()
        with store.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    def test_a_store_of_the_first_schema_keeps_its_rows(self, store: Store) -> None:
        migrate(store.engine, FIRST)
        assert "events" not in inspect(store.engine).get_table_names()
        first_schema_rows(store)
        store.prepare()
        assert store.answer("old-1").shown[0].service_id == "svc-1"
        assert store.outcomes_of("old-1")[0].status is Status.referred
        store.record_outcome(an_outcome(response_id="old-1"))

    def test_migrating_twice_changes_nothing(self, store: Store, url: str) -> None:
        store.record_answer(an_answer())
        before = shape(store)
        again = Store(url, KEY)
        again.prepare()
        migrate(again.engine)
        assert shape(again) == before
        assert count(again, "answers") == 1
        again.close()

    def test_a_migrated_store_and_a_fresh_one_have_the_same_shape(self, store: Store) -> None:
        store.prepare()
        fresh = shape(store)
        with store.engine.begin() as connection:
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
            if store.engine.dialect.name == "postgresql":
                connection.execute(text("DROP FUNCTION events_are_never_changed"))
        migrate(store.engine, FIRST)
        migrate(store.engine)
        assert shape(store) == fresh

    def test_a_store_of_a_newer_version_is_refused(self, store: Store, url: str) -> None:
        store.prepare()
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        newer = Store(url, KEY)
        with pytest.raises(StoreTooNewError, match="newer version"):
            newer.record_answer(an_answer())
        newer.close()

    def test_several_processes_may_start_on_an_empty_store_at_once(self, url: str) -> None:
        stores = [Store(url, KEY) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Store.prepare, stores))
        assert count(stores[0], "alembic_version") == 1
        for store in stores:
            store.close()
