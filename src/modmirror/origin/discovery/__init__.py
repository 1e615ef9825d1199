"""Where the repository of a module path is: known hosts, and pages with go-import tags."""
