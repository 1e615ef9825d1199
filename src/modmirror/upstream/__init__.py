"""Another GOPROXY: fetching from it over HTTP or from a directory."""
