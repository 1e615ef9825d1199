"""Where modules and documents are kept: one file a backend behind one small port."""
