"""What can go wrong with the store. None of the messages repeats what was written."""

from __future__ import annotations

from matcher.domain import InputError, MatcherError

RETRY_AFTER_S = 5


class StoreError(MatcherError):
    """The store cannot be used as it is set up; somebody has to mend it."""


class StoreTooNewError(StoreError):
    """The store was written by a newer version of this package."""


class StoreUnavailable(MatcherError):  # noqa: N818  a state that passes, not a fault
    """The store cannot be reached, is locked or its disk is full. Nothing was stored; the same call may be repeated."""

    retry_after_s = RETRY_AFTER_S


class UnknownAnswerError(InputError):
    """No answer with this response id is kept."""


class ConflictError(InputError):
    """What is to be stored contradicts what is stored already."""
