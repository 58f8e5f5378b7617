"""The look before the paid job: summaries of files in, a report with its verdict out."""
