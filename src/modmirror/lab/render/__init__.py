"""The document of a run as a terminal page, Markdown, HTML, and what machines read."""
