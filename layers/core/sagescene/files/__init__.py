"""The files of a data set, streamed: lists and records in, summaries and findings out."""
