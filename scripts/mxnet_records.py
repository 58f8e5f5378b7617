"""Record files through MXNet's own reader and writer; runs on MXNet's Python (3.8 to 3.11), for check_mxnet.

Records travel as JSON, one `[id, [label, ...], image in base64]` each, so that the two Pythons share nothing else.
"""

import base64
import json
import sys
from pathlib import Path

import mxnet


def read_records(records: Path) -> "list[list[object]]":
    """Return the records in the order of the `.idx` file, found through its offsets."""
    reader = mxnet.recordio.MXIndexedRecordIO(str(records.with_suffix(".idx")), str(records), "r")
    found = []
    for key in reader.keys:
        header, image = mxnet.recordio.unpack(reader.read_idx(key))
        labels = [float(label) for label in header.label] if header.flag else [float(header.label)]
        found.append([int(header.id), labels, base64.b64encode(image).decode()])
    return found


def write_records(source: Path, target: Path) -> None:
    """Write the records of a JSON file as `.rec` and `.idx`."""
    writer = mxnet.recordio.MXIndexedRecordIO(str(target.with_suffix(".idx")), str(target), "w")
    for identifier, labels, image in json.loads(source.read_text()):
        label = labels[0] if len(labels) == 1 else labels
        header = mxnet.recordio.IRHeader(0, label, identifier, 0)
        writer.write_idx(identifier, mxnet.recordio.pack(header, base64.b64decode(image)))
    writer.close()


def decode_images(records: Path, side: int) -> None:
    """Have the reader that trains decode one batch of all records; it raises at an image that it refuses."""
    count = len(read_records(records))
    batch = next(mxnet.io.ImageRecordIter(path_imgrec=str(records), data_shape=(3, side, side), batch_size=count))
    batch.data[0].asnumpy()


if __name__ == "__main__":
    if sys.argv[1] == "decode":
        decode_images(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "read":
        print(json.dumps(read_records(Path(sys.argv[2]))))
    else:
        write_records(Path(sys.argv[2]), Path(sys.argv[3]))
