"""This machine as a cloud: every capability without a connection to anywhere."""
