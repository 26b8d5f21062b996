"""The figures of the miniature project."""
