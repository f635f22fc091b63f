"""Does our BM25 reproduce a published figure? Vaswani/NPL (11,429 abstracts, 93 queries), Terrier's BM25: MAP 0.2965.

    python benchmarks/bm25_vaswani.py FOLDER

FOLDER holds ``doc-text.trec``, ``query-text.trec``, ``qrels`` and ``stopword-list.txt`` as they lie in the public
repository terrier-org/terrier-core (``share/vaswani_npl`` and ``share``). The collection is not ours to ship. Published
set-up: k1 1.2, b 0.75, Porter's stemmer, Terrier's stop list, 1,000 documents a query. Ours differs in the idf (that of
Lucene, never negative) and in details of cutting words. Ends with 1 when the figure is more than 0.005 off.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytrec_eval
import Stemmer

from matcher.baselines import Bm25
from matcher.evaluation.trec import read_trec_qrels

PUBLISHED, TOLERANCE = 0.2965, 0.005
DEPTH = 1000


def main(folder: Path) -> int:
    """Print our mean average precision beside the published one."""
    documents = re.findall(r"<DOCNO>\s*(\S+?)\s*</DOCNO>(.*?)</DOC>", (folder / "doc-text.trec").read_text(), re.DOTALL)
    queries = re.findall(
        r"<num>\s*(\S+?)\s*</num>\s*<title>(.*?)</title>", (folder / "query-text.trec").read_text(), re.DOTALL
    )
    stop_words = set((folder / "stopword-list.txt").read_text().split())
    stemmer = Stemmer.Stemmer("porter")

    def words(text: str) -> list[str]:
        return [stemmer.stemWord(word) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in stop_words]

    bm25 = Bm25([text for _, text in documents], k1=1.2, b=0.75, analyzer=words)
    run = {}
    for query, text in queries:
        scores = bm25.scores(text)
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        run[query] = {documents[row][0]: -float(rank) for rank, row in enumerate(best) if scores[row] > 0}
    found = pytrec_eval.RelevanceEvaluator(read_trec_qrels(folder / "qrels"), {"map"}).evaluate(run)
    mean = float(np.mean([values["map"] for values in found.values()]))
    off = abs(mean - PUBLISHED)
    print(f"{len(documents)} documents, {len(found)} queries: MAP {mean:.4f}, published {PUBLISHED}, off by {off:.4f}")
    return int(off > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
