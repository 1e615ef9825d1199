"""The GOPROXY wire protocol: targets, bodies, chain, freshness, the answer table. Pure."""
