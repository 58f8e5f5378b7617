"""One data set while it is read: each file once, the lists before the records that are held against them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sagescene.bounds import MOST_OF_TRAINING_JSON_IN_BYTES
from sagescene.dataset import DataSet, StoredObject
from sagescene.files import classnames, listrows, lists, recordio, recordsample, recordscan
from sagescene.files.classnames import ListedNames
from sagescene.files.leaks import Leaks
from sagescene.files.listrows import Row
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import PackedImage, RecordSummary
from sagescene.files.setimages import ImageCollector, ImagesOfSet
from sagescene.files.thumbnails import Thumbnail, Thumbnails
from sagescene.findings import Finding
from sagescene.preflight import judgement, naming
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.hidden_classes import find_hidden_classes
from sagescene.preflight.known_classes import judge_classes
from sagescene.preflight.naming import NumberedList
from sagescene.preflight.reading_time import ReadingTime
from sagescene.preflight.report import Conditions, Report
from sagescene.preflight.split_classes import find_splits_as_classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How files are read: `whole` streams one in pieces, `span` gives `length` bytes of one from an offset on."""

    whole: Callable[[StoredObject], Iterable[bytes]]
    span: Callable[[StoredObject, int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A report, images to show in it, and what tells all training images; None if that is not asked for or not read.

    `test_images` are those to test with, 0 where nobody read the test files.
    """

    report: Report
    thumbnails: tuple[Thumbnail, ...] = ()
    images: ImagesOfSet | None = None
    test_images: int = 0


class Reading:
    """One data set while it is read: the training files first, so that validation can be held against them."""

    def __init__(
        self,
        data_set: DataSet,
        reader: Reader,
        whole: set[StoredObject],
        time: ReadingTime,
        *,
        is_compared_later: bool,
    ) -> None:
        """Read these `.rec` files whole, and others in samples; keep what tells images only to compare it later."""
        self.data_set = data_set
        self.reader = reader
        self.whole = whole
        self.time = time
        self.found: list[Finding] = []  # in the files that were read to their end
        self.thumbnails = Thumbnails()
        self.images = ImageCollector() if is_compared_later else None
        self.leaks = Leaks(
            train_list=data_set.train_list.key,
            train_records=data_set.train_records.key,
            validation_list=data_set.validation_list.key if data_set.validation_list else "",
            validation_records=data_set.validation_records.key,
        )

    def run(self, conditions: Conditions, written: datetime) -> Examination:
        """Read every file and judge what they say.

        Raises:
            NotReadInTimeError: there is no time for all of them; `found` is what was found in those read to their end.
        """
        files = self.data_set
        train_list = self._read_list(files.train_list)
        train_records = self._read_records(
            files.train_records,
            files.train_index,
            self.leaks.remember_rows(listrows.read(self._read(files.train_list))) if train_list.is_read else None,
            self._take_training_image,
        )
        self.leaks.lost_rows.expect(train_records.unmatched_ids)
        validation_list = self._read_list(files.validation_list) if files.validation_list else None
        validation_records = self._read_records(
            files.validation_records,
            files.validation_index,
            self.leaks.compare_rows(listrows.read(self._read(files.validation_list)))
            if files.validation_list and validation_list and validation_list.is_read
            else None,
            self.leaks.compare_image,
        )
        of_validation, of_training = self.leaks.lost_rows.find_unsplit_lists(train_records, validation_records)
        # An ETag may differ all the same, and a file on a disk has none.
        are_copied = files.train_records.is_copy_of(files.validation_records) or (
            files.train_records.size == files.validation_records.size and self.leaks.are_all_shared
        )
        numbered = self._number_lists()
        listed = self._read_class_names(numbered[0])
        names = naming.settle_names(listed.names, *numbered)
        names_file = files.class_names.key if files.class_names else classnames.FILE_NAME
        train = judge_classes(
            ChannelFiles(
                listed=train_list,
                list_file=files.train_list.key,
                records=train_records,
                records_file=files.train_records.key,
                names=names,
                other_list=files.validation_list.key if files.validation_list and of_validation else "",
            ),
            has_folders=numbered[0].numbering.has_folders,
        )
        validation = ChannelFiles(
            listed=validation_list,
            list_file=files.validation_list.key if files.validation_list else "",
            records=validation_records,
            records_file=files.validation_records.key,
            is_training=False,
            names=names,
            other_list=files.train_list.key if of_training else "",
        )
        report = judgement.examine(
            data_set=files.name,
            fingerprint=files.fingerprint,
            digest=files.digest,
            written=written,
            train=train,
            validation=validation,
            found_besides=(
                *self.leaks.findings(names, are_records_copied=are_copied),
                *find_splits_as_classes(numbered[0].numbering, files.train_list.key),
                *find_hidden_classes(numbered[0].numbering, files.train_list.key),
                *listed.findings,
                *naming.find_conflict(listed.names or {}, names_file, *numbered),
            ),
            class_names_file=names_file,
            training_json=self._read_training_json(),
            training_json_file=files.training_json.key if files.training_json else "training.json",
            conditions=conditions,
            are_records_copied=are_copied,
            records_in_bytes=files.train_records.size + files.validation_records.size,
        )
        images = self.images.collected(is_whole=train_records.looked_at is None) if self.images else None
        return Examination(report=report, thumbnails=self.thumbnails.pick(), images=images)

    def _read(self, stored: StoredObject) -> Iterator[bytes]:
        return self.time.watch(stored, self.reader.whole(stored))

    def _read_span(self, stored: StoredObject, offset: int, length: int) -> bytes:
        self.time.check(stored, offset)
        return self.reader.span(stored, offset, length)

    def _read_list(self, stored: StoredObject) -> ListSummary:
        # Whose classes are complete is judged once their names are known, by what is learned while records are read.
        summary = lists.refuse_by_size(stored.size, file=stored.key) or lists.summarize(
            self._read(stored), file=stored.key, complete=False
        )
        self.found += summary.findings
        return summary

    def _read_records(
        self,
        records: StoredObject,
        index: StoredObject | None,
        rows: Iterator[Row] | None,
        on_image: Callable[[PackedImage], None],
    ) -> RecordSummary:
        lines = recordio.read_index(self._read(index)) if index else None
        if records in self.whole:
            chunks = self._read(records)
            summary = recordscan.scan(
                chunks, file=records.key, rows=rows, index=lines, complete=False, on_image=on_image
            )
        else:
            summary = recordsample.sample(
                lambda offset, length: self._read_span(records, offset, length),
                records.size,
                file=records.key,
                rows=rows,
                index=lines,
                on_image=on_image,
            )
        self.found += summary.findings
        return summary

    def _take_training_image(self, image: PackedImage) -> None:
        self.leaks.remember_image(image)
        self.thumbnails.consider(image)
        if self.images:
            self.images.add(image)

    def _read_class_names(self, train: NumberedList) -> ListedNames:
        stored = self.data_set.class_names
        if not stored:
            return ListedNames(names=None)
        return classnames.read_class_names(
            self._read(stored), file=stored.key, name_by_folders=train.numbering.name_labels
        )

    def _number_lists(self) -> tuple[NumberedList, NumberedList | None]:
        files = self.data_set
        train = NumberedList(file=files.train_list.key, numbering=self.leaks.train_numbering)
        if not files.validation_list:
            return train, None
        return train, NumberedList(file=files.validation_list.key, numbering=self.leaks.validation_numbering)

    def _read_training_json(self) -> bytes | None:
        if not self.data_set.training_json:
            return None
        content = b""
        for chunk in self._read(self.data_set.training_json):
            content += chunk
            if len(content) > MOST_OF_TRAINING_JSON_IN_BYTES:  # far more than is read; its length will tell
                break
        return content
