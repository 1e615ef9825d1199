"""The words of golang.org/x/mod: module paths, versions, zips, dirhash. Pure."""
