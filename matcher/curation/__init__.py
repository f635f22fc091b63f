"""Better tags because somebody confirmed them: proposals, decisions that are kept, and what fired in a text and why."""

from matcher.curation.decisions import Kept, Match, content_hash, decided_rows, match_decisions, read_decisions
from matcher.curation.review import Doubtful, Fired, Review, doubtful_services, review
from matcher.curation.showing import print_doubtful, print_review
from matcher.curation.worksheet import Proposal, demand_of, merge_worksheet, proposals, write_worksheet

__all__ = [
    "Doubtful",
    "Fired",
    "Kept",
    "Match",
    "Proposal",
    "Review",
    "content_hash",
    "decided_rows",
    "demand_of",
    "doubtful_services",
    "match_decisions",
    "merge_worksheet",
    "print_doubtful",
    "print_review",
    "proposals",
    "read_decisions",
    "review",
    "write_worksheet",
]
