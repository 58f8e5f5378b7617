"""Every bound on what is read, held, said and sent, so that no bytes exhaust a function; each with its reason."""

# Time. The function's is `Timeout` in template.yaml.
SECONDS_TO_REPORT = 30  # of the function's time, kept for report, page and notice, each with its retries
SECONDS_TO_BALANCE = 300  # for the lists of test files, of an evaluation's 900: ten times what 1 GB of sound rows takes
SHARE_TO_SAMPLE = 0.25  # of the time to read, kept to read the lists again and samples of the records
MOMENT_IN_SECONDS = 2  # from a set's listing; what changes so soon may as well before SageMaker reads it, minutes later
LARGEST_ON_ONE_CONNECTION_IN_BYTES = 10_000_000_000  # 118 seconds; larger ones need more than S3 surely gives

# Objects in S3.
BYTES_A_SECOND = 340_000_000  # that StartTraining reads: four connections' 85 MB/s; its one vCPU could take twice that
PIECE_IN_BYTES = 1 << 18  # larger reads gain nothing; the default of iter_chunks costs seven times as much
RANGES_AT_ONCE = 5  # four to receive, and the next is asked for meanwhile
RANGE_IN_BYTES = 16 << 20  # the most that AWS advises; each takes 2 ms to ask for. Five, 80 MiB, are held at most
MOST_OBJECTS = 100_000  # of a set; listed and assembled in 40 seconds, when ImageNet's images would take 700
LARGEST_IN_ONE_REQUEST = 64 << 20  # bytes; it takes less than a second, and most files are smaller

# Lists.
BLOCK_BYTES = 1 << 16  # that are looked at together: larger blocks are no faster and cost memory
ROWS_OF_A_BLOCK = 16  # at least, where they fit in 1 MiB: columns of single rows take six times as long
LONGEST_LINE = 1 << 20  # bytes; the longest row that is looked at has 15,000 labels
MOST_COLUMNS = 15_000  # of labels; each is counted by itself, in memory that is to stay flat
MOST_LABELS = 2 * MOST_COLUMNS  # distinct ones: a 0 and a 1 in every column
LONGEST_LABEL = 64  # characters; no number of a class has more
LARGEST_LIST_IN_BYTES = 1_000_000_000  # almost twice the 14 million rows of ImageNet-21k; each is read twice
MOST_LABELS_IN_ALL = 200_000_000  # columns x rows; they too are read twice, in less than half of the function's time
LONGEST_HEADER = 1_000  # bytes of a line that may name the columns: longer ones are not searched for names
REPEATS_HELD_IN_FULL = 50_000  # rows of which each is compared with all others; beyond, samples of them
REPEATS_HELD_AT_MOST = 120_000  # 13 bytes each
SHARED_HELD_AT_MOST = 100_000  # paths, and images, of training to look for in validation; some 100 bytes each
IMAGES_COMPARED_AT_MOST = 100_000  # with those of the content trained on before: some 300 bytes each while that is done
EARLIER_LOOKED_AT = 10  # reports on other contents of a set, for one that was trained on: a request each, or two
LABELS_COMPARED_IN_BYTES = 1 << 20  # of their distinct labels, which are kept as text
LARGEST_IMAGES_IN_BYTES = 4 << 20  # of what is kept of them: 1.6 MB for 100,000, and their labels
MOST_FOLDERS = 100_000  # whose labels are compared between the lists; classes are far fewer
FOLDERS_HELD_IN_BYTES = 8 << 20  # of their names
LONGEST_FILE_NAME = 255  # characters; common file systems take no longer names of files and folders

# Records and their index.
LARGEST_RECORD_IN_BYTES = 64 << 20  # that is held whole; what is longer is no photograph, and may be a sparse GB
HEAD_BYTES = 1 << 17  # of a record: 32,000 labels, or nearly all images whole
IMAGE_END_BYTES = 1 << 16  # in which the end marker of a long JPEG is looked for; some cameras write on behind it
TOLD_BY_BYTES = 1 << 16  # of an image, by which it is found again; with 15,000 labels before them they fit in a head
MOST_WINDOWS = 1 << 14  # that are read on in one image, each behind one segment
MOST_SIZES = 10_000  # distinct image sizes that are counted
LARGEST_SIDE = 1 << 14  # pixels; longer ones count as this, so that there are no more of them than can be held
LONGEST_INDEX_LINE = 64  # bytes: two numbers of 20 digits, and blanks
FILE_END_BYTES = 1 << 20  # at both ends of a file that is sampled
TAILS_IN_BYTES = (1 << 23, 1 << 26)  # the second, in case that one image is larger than the first
SAMPLES = 256  # records at least, by the index: each is a request to S3
SHUFFLED_AT_ONCE_IN_BYTES = 8 << 20  # by MXNet's reader, as measured; its documented 64 MB are parts taken in any order
CANDIDATES = 16  # for the last records' start, each followed to the file's end

# Records held against their list.
ROWS_AHEAD = 100_000  # that a record's row may come too early or too late; some 20 MB of them
LABELS_HELD_IN_BYTES = 64 << 20  # of these rows: 100,000 of 600 labels that are 0 or 1
EARLIER_IDS_HELD = 100_000  # of records that found their row, to tell those that come again; 1.6 MB, and 12 once asked
LOST_IDS_HELD = 100_000  # of rows without a record, to look for them in the other list; 0.8 MB, and 8 meanwhile
FAR_IDS_HELD = 1_000  # of records with rows further away: a list of other images shows at the first ones, in 0.1 MB

# training.json.
TRAINING_JSON_IN_BYTES = 64 * 1024  # far more than all hyperparameters take
MOST_OF_TRAINING_JSON_IN_BYTES = 1 << 20  # that are fetched: enough to say that it is too large
LARGEST_TRAINED_SIDE = 4_096  # pixels of resize and image_shape; a batch of 32 takes 1.6 GB before any layer

# The page.
MOST_THUMBNAILS = 12  # one a class
THUMBNAIL_IN_BYTES = 64 * 1024
THUMBNAIL_IN_PIXELS = 1 << 21  # 8 MB in a browser, whatever the file's bytes promise
THUMBNAILS_IN_BYTES = 220_000  # 300 KB as text in a page
MOST_BARS = 30  # classes with a line each; more become a chart
MOST_CHART_COLUMNS = 200  # of it, each of several classes where there are more

# What is said: findings stand in the report, the page, the notice and the log.
LONGEST_QUOTE = 200  # characters of one foreign text; a line of a list, and a path in it, may have 1 MiB
LONGEST_SENTENCE = 2_000  # characters of a message or a remedy: five quotes, and the words around them
LONGEST_COMMAND = 1_500  # characters of one to type within a remedy, which may not be cut
LONGEST_KEY = 1_024  # characters of a finding's file: S3's keys have no more bytes
SHOWN_OF_A_KIND = 5  # findings about one file in full; the others are counted, and mostly have the same cause
LONGEST_REASON = 10_000  # characters of a decision, one line of the log: the report has all of it
FINDINGS_OF_A_NOTICE_IN_BYTES = 200_000  # so that what to do, and where the report lies, fit behind them
LONGEST_NOTICE_IN_BYTES = 262_144  # what SNS takes
LONGEST_SUBJECT = 99  # what SNS takes
LONGEST_CHAT_TITLE = 250  # what Amazon Q Developer in chat applications takes, in UTF-16's units
LONGEST_CHAT_DESCRIPTION = 8_000  # the same
LARGEST_REPORT_IN_BYTES = 4 << 20  # 30,000 classes in each channel, which FinishTraining reads in its 256 MB
LARGEST_PAGE_IN_BYTES = (1 << 20) + 300_000  # findings of both channels, and thumbnails; a browser opens it at once
