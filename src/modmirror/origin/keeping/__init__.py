"""What is kept of repositories between questions: on disk within a bound, and in memory for a while."""
