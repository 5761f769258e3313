// A target needs a source; what it is for is its precompiled header.
