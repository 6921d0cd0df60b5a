"""Report: one self-contained HTML file about a run."""
