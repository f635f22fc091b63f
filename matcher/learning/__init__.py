"""Learns from the taxonomy's labels what ``data/taxonomy/adapter.npz`` holds; the engine never imports this.

``python -m matcher.learning data/taxonomy`` (``make adapter``) trains everything anew: the same labels and encoder give
the same file.
"""
