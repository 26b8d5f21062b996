"""Results and content become pages, and pages become a site."""
