"""The lab: measures any GOPROXY from outside, as a client would. Imports nothing of the mirror's inside."""
