"""The demonstration catalogue: synthetic registers and statistics, published as people would."""
