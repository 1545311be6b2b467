"""Files, settings, addresses and names of others that mean harm, each with the way in by which it is tried."""
