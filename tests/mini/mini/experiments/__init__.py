"""The experiments of the miniature project."""
