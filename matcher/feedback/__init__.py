"""What was shown and what came of it, with the person's consent and without the person's words.

Knows nothing of the engine: it keeps the records that the faces hand over (``answer_to_keep``).
"""

from matcher.feedback.answer_log import AnswerLog
from matcher.feedback.errors import ConflictError, StoreError, StoreTooNewError, StoreUnavailable, UnknownAnswerError
from matcher.feedback.export import EXPORT_SCHEMA, JUDGEMENT_SCHEMA, as_judgements, as_run, export_frame, plain_rows
from matcher.feedback.keeping import answer_to_keep, new_response_id
from matcher.feedback.location import open_store
from matcher.feedback.records import Answer, DeclineReason, KeptOutcome, Outcome, Recorded, Status
from matcher.feedback.replaying import check_request, differences
from matcher.feedback.request_key import read_key
from matcher.feedback.retention import Forgotten, backup, erase_person, expire_before
from matcher.feedback.store import Store

__all__ = [
    "EXPORT_SCHEMA",
    "JUDGEMENT_SCHEMA",
    "Answer",
    "AnswerLog",
    "ConflictError",
    "DeclineReason",
    "Forgotten",
    "KeptOutcome",
    "Outcome",
    "Recorded",
    "Status",
    "Store",
    "StoreError",
    "StoreTooNewError",
    "StoreUnavailable",
    "UnknownAnswerError",
    "answer_to_keep",
    "as_judgements",
    "as_run",
    "backup",
    "check_request",
    "differences",
    "erase_person",
    "expire_before",
    "export_frame",
    "new_response_id",
    "open_store",
    "plain_rows",
    "read_key",
]
