"""What must run, where, and what is already known; knows no network and no page."""
