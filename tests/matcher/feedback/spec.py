"""What every store must do. Run on SQLite in tests/matcher/feedback and on PostgreSQL in tests/postgres."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from matcher.domain import InputError
from matcher.feedback import (
    ConflictError,
    DeclineReason,
    Status,
    Store,
    UnknownAnswerError,
    erase_person,
    expire_before,
)
from matcher.feedback.keeping import person_hmac
from tests.matcher.feedback.builders import KEY, NOON, REF, STAMP, Clock, a_shown, an_answer, an_outcome
from tests.matcher.feedback.tables import count, scalar, table
from tests.matcher.feedback.upkeep_spec import UpkeepSpec


class StoreSpec(UpkeepSpec):
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
