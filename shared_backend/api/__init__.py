"""The gateway: what applications outside talk to."""
