"""The command line: the same backend as the portals, without a browser."""
