"""Decode the images of a data set, to see damages in their pixels."""
