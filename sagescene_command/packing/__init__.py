"""Packing: pictures and their labels found in folders, made ready, and written as lists, records and indices."""
