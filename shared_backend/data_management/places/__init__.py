"""Which words name a place: cities, regions and countries, without a connection."""
