"""Search indexes: rebuildable caches of the library."""
