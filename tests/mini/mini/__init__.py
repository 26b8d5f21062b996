"""A miniature project: three experiments, two figures, two pages."""
