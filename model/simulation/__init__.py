"""From a resolved scenario to a finished run: chunks of members, on this or other processes, kept in a store."""
