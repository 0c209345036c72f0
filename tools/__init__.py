"""What makes notebooks, slides and pages from their sources: run as `python -m tools.NAME`."""
