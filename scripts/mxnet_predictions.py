"""What a trained model says of a record file, by MXNet alone; runs on MXNet's Python, for check_mxnet_model.

The arguments are the folder of the model, the record file and the number of labels an image. Prints a JSON list, one
list of probabilities a record.
"""

import json
import sys
from pathlib import Path

import mxnet


def predict(folder: Path, records: Path, width: int) -> "list[list[float]]":
    """Run the model's newest parameters on all records, read as the algorithm reads them for validation."""
    (data,) = json.loads((folder / "model-shapes.json").read_text())
    batch, *shape = data["shape"]
    images = mxnet.io.ImageRecordIter(
        path_imgrec=str(records), data_shape=tuple(shape), batch_size=batch, label_width=width, data_name=data["name"]
    )
    epoch = max(int(path.stem.rpartition("-")[2]) for path in folder.glob("*.params"))
    symbol, arguments, auxiliary = mxnet.model.load_checkpoint(str(folder / "image-classification"), epoch)
    module = mxnet.mod.Module(symbol, data_names=[data["name"]], label_names=["softmax_label"])
    module.bind(data_shapes=images.provide_data, for_training=False)
    module.set_params(arguments, auxiliary)
    # Set back before it was read to its end, the reader would leave out what fills up its last batch.
    predicted: list[list[float]] = module.predict(images, reset=False).asnumpy().tolist()
    return predicted


if __name__ == "__main__":
    print(json.dumps(predict(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
