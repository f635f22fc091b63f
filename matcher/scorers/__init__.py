"""One contract (``base.Scorer``), several implementations."""
