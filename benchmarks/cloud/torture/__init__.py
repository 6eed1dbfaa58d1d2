"""Seeded schedules of writes, faults, kills and a second writer, and the model that says what must be true then."""
