"""Mend what can be mended safely in a copy of a data set: planned first, then written."""
