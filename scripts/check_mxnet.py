"""Proves that Sagescene and MXNet 1.9.1 read each other's record files; its argument is MXNet's Python."""

import base64
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from PIL import Image

from sagescene.files import listrows, recordio, recordscan
from sagescene.files.framing import MAGIC
from sagescene.files.recordio import Record
from sagescene.findings import Severity
from sagescene_command.decoding.judging import Damage, judge
from sagescene_command.packing.images import Square, Treatment
from sagescene_command.packing.pack import pack
from sagescene_command.packing.table import LabelFile
from scripts.damaged_images import SIDE, damage_images

MXNET_SIDE = Path(__file__).with_name("mxnet_records.py")
MXNET_PREDICTIONS = Path(__file__).with_name("mxnet_predictions.py")
LABELS = 3


class DisagreementError(Exception):
    """Sagescene and MXNet do not say the same."""


class MXNet:
    """MXNet's reader, writer, im2rec and models, each run in a process of its own Python."""

    def __init__(self, python: str) -> None:
        """Find im2rec, and so see that MXNet is there; without NumPy's warnings about itself."""
        self.python = python
        self.im2rec = self._run("-c", "import mxnet.tools, os; print(mxnet.tools.__path__[0])").strip() + "/im2rec.py"

    def read(self, records: Path) -> list[Record]:
        """Return what MXNet's indexed reader finds."""
        return [
            Record(identifier=identifier, labels=tuple(labels), image=base64.b64decode(image))
            for identifier, labels, image in json.loads(self._run(str(MXNET_SIDE), "read", str(records)))
        ]

    def write(self, records: Sequence[Record], target: Path) -> None:
        """Have MXNet write records as `.rec` and `.idx`."""
        source = target.with_suffix(".json")
        rows = [(record.identifier, record.labels, base64.b64encode(record.image).decode()) for record in records]
        source.write_text(json.dumps(rows))
        self._run(str(MXNET_SIDE), "write", str(source), str(target))

    def decodes(self, records: Path) -> bool:
        """Tell whether the reader that trains takes every image."""
        try:
            self._run(str(MXNET_SIDE), "decode", str(records), str(SIDE))
        except DisagreementError:
            return False
        return True

    def pack(self, prefix: Path, images: Path, *options: str) -> None:
        """Run im2rec."""
        self._run(self.im2rec, *options, str(prefix), str(images))

    def predict(self, model: Path, records: Path, width: int) -> list[list[float]]:
        """Return the probabilities that the model in a folder gives each record, of `width` labels an image."""
        predicted: list[list[float]] = json.loads(
            self._run(str(MXNET_PREDICTIONS), str(model), str(records), str(width))
        )
        return predicted

    def _run(self, *arguments: str) -> str:
        command = [self.python, "-W", "ignore", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603 # noqa: S603 - our own words
        if done.returncode:
            raise DisagreementError(f"MXNet failed: {' '.join(command)}\n{done.stderr}")
        return done.stdout


def draw_images(folder: Path) -> None:
    """Draw a folder a class, JPEG and PNG; some JPEG files hold RecordIO's magic number after their end."""
    chance = random.Random(1)  # nosec B311 # noqa: S311 - a fixed seed is the point
    for label, name in enumerate(("ring", "square", "wave")):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            colour = (80 * label, chance.randrange(256), chance.randrange(256))
            encoded = io.BytesIO()
            Image.new("RGB", (40 + number, 32), colour).save(encoded, "PNG" if number == 7 else "JPEG")
            content = encoded.getvalue()
            if number < 3:  # a record's header has 24 bytes, so that what is aligned here is aligned there
                content += bytes(-len(content) % 4) + MAGIC * (number + 1) + b"end"
            (folder / name / f"{number}.{'png' if number == 7 else 'jpg'}").write_bytes(content)


def expect(subject: str, found: object, expected: object) -> None:
    """Say that two sides agree.

    Raises:
        DisagreementError: if they do not.
    """
    if found != expected:
        raise DisagreementError(f"{subject}: they differ.\n  found    {found!r:.500}\n  expected {expected!r:.500}")
    size = f" ({len(found)} records)" if isinstance(found, list) else ""
    print(f"  agrees: {subject}{size}")


def read_ours(path: Path) -> list[Record]:
    """Return what Sagescene reads, in pieces that cut records anywhere."""
    content = path.read_bytes()
    return list(recordio.read(content[start : start + 1000] for start in range(0, len(content), 1000)))


def expect_no_finding(path: Path) -> None:
    """Hold a record file against the list and the index beside it, as Sagescene does before a job."""
    summary = recordscan.scan(
        [path.read_bytes()],
        rows=listrows.read([path.with_suffix(".lst").read_bytes()]),
        index=recordio.read_index([path.with_suffix(".idx").read_bytes()]),
        complete=False,
    )
    expect(f"{path.name} with its list and index, by sagescene's scan", summary.findings, ())


def check_our_packing(mxnet: MXNet, images: Path, folder: Path) -> None:
    """Have MXNet read what `sagescene pack` writes: ids, labels and images of the list."""
    print("What `sagescene pack` writes, MXNet reads:")
    pack(images, folder / "ours", validation_share=0.25)
    split = folder / "split"
    for part, name in product(("train", "val", "test"), ("ring", "wave")):
        shutil.copytree(images / name, split / part / name)
    pack(split, folder / "split_packed" / "ours")
    table = folder / "labels.csv"
    flags = (f"{name}/{number},1,{number % 2}\n" for name, number in product(("ring", "wave"), range(8)))
    table.write_text("file,drawn,odd\n" + "".join(flags))
    pack(images, folder / "labelled" / "ours", labels=LabelFile(path=table))
    nested = folder / "nested"
    for part, name in product(("indoors", "outdoors"), ("ring", "wave")):
        shutil.copytree(images / name, nested / part / name)
    pack(nested, folder / "nested_packed" / "ours")
    sources = {"split_packed": split, "nested_packed": nested}
    for records in sorted(folder.glob("**/ours_*.rec")):
        source = sources.get(records.parent.name, images)
        rows = listrows.read([records.with_suffix(".lst").read_bytes()])
        expected = [
            Record(identifier=row.identifier, labels=row.labels, image=(source / row.path).read_bytes()) for row in rows
        ]
        expect(f"ids, labels and bytes of {records.relative_to(folder)}", mxnet.read(records), expected)
    for square, quality in ((Square.CROP, None), (Square.PAD, 80)):
        treated = folder / f"treated_{square}"
        pack(images, treated / "ours", treatment=Treatment(resize=SIDE, square=square, quality=quality))
        for records in sorted(treated.glob("*.rec")):
            listed = listrows.read([records.with_suffix(".lst").read_bytes()])
            found = [(record.identifier, record.labels) for record in mxnet.read(records)]
            place = records.relative_to(folder)
            expect(f"ids and labels of {place}", found, [(row.identifier, row.labels) for row in listed])
            expect(f"whether every image of {place} can be read", mxnet.decodes(records), True)


def check_im2rec(mxnet: MXNet, images: Path, folder: Path) -> None:
    """Read what im2rec writes with Sagescene: encoded anew, passed through and with several labels a row."""
    print("What MXNet's im2rec writes, Sagescene reads:")
    mxnet.pack(folder / "single", images, "--list", "--recursive")
    rows = list(listrows.read([(folder / "single.lst").read_bytes()]))
    expect("labels of im2rec's list", sorted({row.labels for row in rows}), [(0.0,), (1.0,), (2.0,)])
    (folder / "through.lst").write_bytes((folder / "single.lst").read_bytes())
    (folder / "multi.lst").write_text(
        "".join(
            f"{row.identifier}\t{'\t'.join(f'{(row.identifier >> bit) % 2:f}' for bit in range(LABELS))}\t{row.path}\n"
            for row in rows
        )
    )
    for name, options in (("single", []), ("through", ["--pass-through"]), ("multi", ["--pack-label"])):
        records = folder / f"{name}.rec"
        mxnet.pack(folder / f"{name}.lst", images, *options)
        listed = [(row.identifier, row.labels) for row in listrows.read([records.with_suffix(".lst").read_bytes()])]
        ours = read_ours(records)
        said = " ".join(options) or "no option"
        expect(f"ids and labels, im2rec with {said}", [(entry.identifier, entry.labels) for entry in ours], listed)
        expect(f"everything MXNet reads, im2rec with {said}", ours, mxnet.read(records))
        expect_no_finding(records)
        if name == "through":
            sources = [(images / row.path).read_bytes() for row in rows]
            expect("the images' own bytes, im2rec with --pass-through", [entry.image for entry in ours], sources)


def check_split_records(mxnet: MXNet, folder: Path) -> None:
    """Exchange records that hold the magic number, which the format cuts into parts, in both directions."""
    print("Records cut into parts, both ways:")
    images = [MAGIC, MAGIC * 5, b"abcd" + MAGIC, b"a" + MAGIC + b"bcd" + MAGIC, MAGIC + b"x", bytes(7) + MAGIC[:3], b""]
    for name, width in (("one label", 1), ("three labels", LABELS)):
        records = [
            Record(identifier=5 + number, labels=tuple(float(number + bit & 1) for bit in range(width)), image=image)
            for number, image in enumerate(images)
        ]
        theirs, ours = folder / f"theirs_{width}.rec", folder / f"ours_{width}.rec"
        mxnet.write(records, theirs)
        content, index = b"", ""
        for record in records:
            index += recordio.index_line(record.identifier, len(content))
            content += recordio.pack(record)
        ours.write_bytes(content)
        ours.with_suffix(".idx").write_text(index)
        expect(f"MXNet's bytes of {name} and ours", theirs.read_bytes(), content)
        expect(f"MXNet's index of {name} and ours", theirs.with_suffix(".idx").read_text(), index)
        expect(f"MXNet reads ours, {name}", mxnet.read(ours), records)
        expect(f"we read MXNet's, {name}", read_ours(theirs), records)


def check_damaged_images(mxnet: MXNet, folder: Path) -> None:
    """Hold what scan and decoding say of damaged images against the reader that trains."""
    print("Damaged images, as MXNet's ImageRecordIter takes them:")
    records = folder / "damaged.rec"
    for name, image in damage_images():
        content = recordio.pack(Record(identifier=0, labels=(0.0,), image=image))
        records.write_bytes(content)
        records.with_suffix(".idx").write_text(recordio.index_line(0, 0))
        summary = recordscan.scan([content], complete=False)
        is_readable = all(finding.severity is Severity.WARNING for finding in summary.findings)
        is_decodable = judge(image) is not Damage.REFUSED
        expect(f"whether {name} can be read", is_readable and is_decodable, mxnet.decodes(records))


def main(python: str) -> None:
    """Run every check in a temporary folder."""
    try:
        mxnet = MXNet(python)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            draw_images(folder / "images")
            check_our_packing(mxnet, folder / "images", folder)
            check_im2rec(mxnet, folder / "images", folder)
            check_split_records(mxnet, folder)
            check_damaged_images(mxnet, folder)
    except DisagreementError as error:
        sys.exit(str(error))
    print("Sagescene and MXNet agree.")


if __name__ == "__main__":
    main(sys.argv[1])
