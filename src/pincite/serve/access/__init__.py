"""Who may do what: keys, sessions, limits, origins, and the guard that asks."""
