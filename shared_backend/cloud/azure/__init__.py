"""Azure behind the clouds' contract."""
