"""Durable background work: asked for in the asker's transaction, run by any worker, resumed after any end."""
