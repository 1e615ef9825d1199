"""Git behind the repository port: kept bare mirrors, asked and filled by the git command."""
