"""``python -m matcher.cli`` is the command ``matcher``."""

from matcher.cli import app

app()
