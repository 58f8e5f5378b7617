"""Every bound on what is read, held, said and sent, so that no bytes exhaust a function; each with its reason."""

# Time. The function's is `Timeout` in template.yaml.
SECONDS_TO_REPORT = 30  # of the function's time, kept for report, page and notice, each with its retries
SHARE_TO_SAMPLE = 0.25  # of the time to read, kept to read the lists again and samples of the records by their .idx

# What is said: findings stand in the report, the page, the notice and the log.
LONGEST_QUOTE = 200  # characters of one foreign text; a line of a list, and a path in it, may have 1 MiB
LONGEST_SENTENCE = 2_000  # characters of a message or a remedy: five quotes, and the words around them
LONGEST_KEY = 1_024  # characters of a finding's file: S3's keys have no more bytes
SHOWN_OF_A_KIND = 5  # findings about one file in full; the others are counted, and mostly have the same cause
LONGEST_REASON = 10_000  # characters of a decision, one line of the log: the report has all of it
FINDINGS_OF_A_NOTICE_IN_BYTES = 200_000  # so that what to do, and where the report lies, fit behind them
LONGEST_NOTICE_IN_BYTES = 262_144  # what SNS takes
LONGEST_SUBJECT = 99  # what SNS takes
