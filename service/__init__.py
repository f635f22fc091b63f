"""The HTTP service over the matcher's public names."""
