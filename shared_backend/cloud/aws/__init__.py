"""AWS behind the clouds' contract."""
