"""Every bound on what is read, held, said and sent, so that no bytes exhaust a function; each with its reason."""

# Time. The function's is `Timeout` in template.yaml.
SECONDS_TO_REPORT = 30  # of the function's time, kept for report, page and notice, each with its retries
SHARE_TO_SAMPLE = 0.25  # of the time to read, kept to read the lists again and samples of the records by their .idx
