"""One run of the lab: raw samples and events under a manifest, kept so that reports can be made again."""
