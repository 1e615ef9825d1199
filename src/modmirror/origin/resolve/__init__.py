"""Which versions a repository has, and which commit each is: decided from facts, without I/O."""
