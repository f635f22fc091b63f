"""What every store must do. Run on SQLite in tests/matcher/feedback and on PostgreSQL in tests/postgres."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from matcher.domain import InputError
from matcher.feedback import (
    ConflictError,
    DeclineReason,
    Forgotten,
    Status,
    Store,
    StoreTooNewError,
    UnknownAnswerError,
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
from tests.matcher.feedback.builders import KEY, NOON, STAMP, a_shown, an_answer, an_outcome

REF = "pseudonym-4711"
FIRST = "0001"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class StoreSpec:
    """A subclass gives the fixture ``url``: the address of an empty store."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, url: str, clock: Clock) -> Iterator[Store]:
        store = Store(url, KEY, clock=clock)
        yield store
        store.close()

    # what is kept comes back

    def test_an_answer_comes_back_as_it_was_kept(self, store: Store) -> None:
        kept = an_answer(person_hmac="ab" * 32)
        assert store.record_answer(kept)
        assert store.answer("answer-1") == kept

    def test_an_answer_that_showed_nothing_is_kept_too(self, store: Store) -> None:
        store.record_answer(an_answer(shown=()))
        assert store.answer("answer-1").shown == ()

    def test_an_answer_is_kept_once(self, store: Store) -> None:
        store.record_answer(an_answer())
        assert not store.record_answer(an_answer())
        assert count(store, "answers") == 1
        assert count(store, "shown") == 2

    def test_an_unknown_answer_is_said_to_be_unknown(self, store: Store) -> None:
        with pytest.raises(UnknownAnswerError, match="response_id"):
            store.answer("nobody")

    def test_outcomes_come_back_in_the_order_of_recording_whatever_the_clock_says(
        self, store: Store, clock: Clock
    ) -> None:
        store.record_answer(an_answer())
        for step, status in enumerate((Status.discussed, Status.referred, Status.attended)):
            clock.now = NOON - timedelta(days=step)
            store.record_outcome(an_outcome(f"key-{step}", status=status))
        assert [o.status for o in store.outcomes_of("answer-1")] == [Status.discussed, Status.referred, Status.attended]

    def test_characters_that_one_database_refuses_are_dropped_on_both(self, store: Store) -> None:
        store.record_answer(an_answer("a\x00b", shown=(a_shown(1, service_id="x\x00\ud800\x1fy"),)))
        assert store.answer("ab").shown[0].service_id == "xy"

    def test_any_other_text_comes_back_whole(self, store: Store) -> None:
        name = "café 日本 \u202e 👩‍👩‍👧 ‘; DROP TABLE answers; -- %s {0}"
        store.record_answer(an_answer(shown=(a_shown(1, service_id=name),)))
        assert store.answer("answer-1").shown[0].service_id == name

    # times

    def test_times_are_stored_in_utc_and_come_back_with_it(self, store: Store, clock: Clock) -> None:
        """01:30 British summer time on the night the clocks go back is 00:30 UTC."""
        clock.now = datetime(2026, 10, 25, 1, 30, tzinfo=timezone(timedelta(hours=1)))
        store.record_answer(an_answer())
        receipt = store.record_outcome(an_outcome())
        (kept,) = store.outcomes_of("answer-1")
        assert kept.recorded_at == receipt.recorded_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert kept.recorded_at.utcoffset() == timedelta(0)
        assert "2026-10-25 00:30:00" in str(scalar(store, "SELECT recorded_at FROM outcomes"))

    def test_a_time_without_a_zone_is_refused(self, store: Store, clock: Clock) -> None:
        clock.now = datetime(2026, 10, 25, 1, 30)  # noqa: DTZ001  the fault under test
        with pytest.raises(Exception, match="needs a time zone"):
            store.record_answer(an_answer())

    # outcomes

    def test_an_outcome_gets_the_rank_that_was_shown(self, store: Store) -> None:
        store.record_answer(an_answer())
        store.record_outcome(an_outcome(service_id="svc-2"))
        assert store.outcomes_of("answer-1")[0].rank == 2

    def test_a_service_from_outside_the_list_has_no_rank(self, store: Store) -> None:
        store.record_answer(an_answer())
        store.record_outcome(an_outcome(service_id="svc-elsewhere"))
        assert store.outcomes_of("answer-1")[0].rank is None

    def test_a_rank_that_was_not_shown_is_refused(self, store: Store) -> None:
        store.record_answer(an_answer())
        with pytest.raises(ConflictError, match="rank"):
            store.record_outcome(an_outcome(rank=2))
        assert count(store, "outcomes") == 0

    def test_an_outcome_of_an_answer_that_is_not_kept_is_refused(self, store: Store) -> None:
        with pytest.raises(UnknownAnswerError):
            store.record_outcome(an_outcome())
        assert count(store, "outcomes") == 0

    def test_an_outcome_for_somebody_else_is_refused(self, store: Store) -> None:
        store.record_answer(an_answer(person_hmac=person_hmac(REF, KEY)))
        with pytest.raises(ConflictError, match="person_ref"):
            store.record_outcome(an_outcome(person_ref="another"))

    def test_the_same_key_and_outcome_give_the_same_receipt_and_one_row(self, store: Store, clock: Clock) -> None:
        store.record_answer(an_answer())
        first = store.record_outcome(an_outcome())
        clock.now = NOON + timedelta(hours=1)
        again = store.record_outcome(an_outcome())
        assert (first.new, again.new) == (True, False)
        assert (first.sequence, first.recorded_at) == (again.sequence, again.recorded_at)
        assert count(store, "outcomes") == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"status": Status.attended},
            {"service_id": "svc-2"},
            {"person_ref": "somebody"},
            {"status": Status.declined, "reason": DeclineReason.cost},
        ],
    )
    def test_the_same_key_for_another_outcome_is_refused(self, store: Store, change: dict[str, Any]) -> None:
        store.record_answer(an_answer())
        store.record_outcome(an_outcome())
        with pytest.raises(ConflictError, match="idempotency_key"):
            store.record_outcome(an_outcome(**change))
        assert count(store, "outcomes") == 1

    def test_one_key_used_by_many_at_once_is_one_row_and_one_new_receipt(self, store: Store) -> None:
        store.record_answer(an_answer())
        with ThreadPoolExecutor(5) as pool:
            receipts = list(pool.map(lambda _: store.record_outcome(an_outcome()), range(20)))
        assert sum(receipt.new for receipt in receipts) == 1
        assert len({receipt.sequence for receipt in receipts}) == 1
        assert count(store, "outcomes") == 1

    def test_a_decline_needs_a_reason_and_a_referral_has_none(self) -> None:
        with pytest.raises(InputError, match="reason"):
            an_outcome(status=Status.declined)
        with pytest.raises(InputError, match="reason"):
            an_outcome(reason=DeclineReason.cost)

    # audit

    def test_everything_done_leaves_exactly_one_event(self, store: Store) -> None:
        store.record_answer(an_answer(person_hmac=person_hmac(REF, KEY)))
        store.record_answer(an_answer())
        store.record_outcome(an_outcome())
        store.record_outcome(an_outcome())
        erase_person(store, REF)
        expire_before(store, date(2020, 1, 1))
        assert table(store, "SELECT kind, response_id, stamp, answers, outcomes FROM events ORDER BY sequence") == [
            ("answer", "answer-1", str(STAMP), 1, 0),
            ("outcome", "answer-1", str(STAMP), 0, 1),
            ("erasure", None, None, 1, 1),
            ("expiry", None, None, 0, 0),
        ]

    @pytest.mark.parametrize("change", ["UPDATE events SET kind = 'expiry'", "DELETE FROM events"])
    def test_events_cannot_be_changed(self, store: Store, change: str) -> None:
        store.record_answer(an_answer())
        with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
            connection.execute(text(change))
        assert count(store, "events") == 1

    def test_an_outcome_that_cannot_be_audited_is_not_kept(self, store: Store) -> None:
        store.record_answer(an_answer())
        with store.engine.begin() as connection:
            connection.execute(text("ALTER TABLE events RENAME TO lost"))
        with pytest.raises(Exception, match="try again"):
            store.record_outcome(an_outcome())
        assert count(store, "outcomes") == 0

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


def table(store: Store, query: str) -> list[tuple[Any, ...]]:
    """What a query of the test's own finds."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def scalar(store: Store, query: str) -> Any:
    return table(store, query)[0][0]


def count(store: Store, name: str) -> int:
    """How many rows a table has."""
    found: int = scalar(store, f"SELECT count(*) FROM {name}")  # noqa: S608  our own table names
    return found


def shape(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys, indexes and checks."""
    look = inspect(store.engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
            look.get_pk_constraint(name),
            look.get_foreign_keys(name),
            sorted(map(str, look.get_indexes(name))),
            sorted(str(c["name"]) for c in look.get_check_constraints(name)),
        )
        for name in sorted(look.get_table_names())
    }


def first_schema_rows(store: Store) -> None:
    """Rows as the first version wrote them, in plain SQL."""
    script = Path(__file__).with_name("first_schema.sql").read_text(encoding="utf-8")
    with store.engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
