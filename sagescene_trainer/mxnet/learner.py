"""The ResNet as a Learner: MXNet's module, its optimizers, and accuracies that count each image once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mxnet
import numpy as np

from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.model_folder import store_model
from sagescene_trainer.mxnet.reading import ImageChannel, read_batches
from sagescene_trainer.mxnet.resnet import build_resnet


class ResNetLearner:
    """The network of a set's hyperparameters, in float32 on the processor."""

    def __init__(
        self, values: Hyperparameters, train_images: ImageChannel, validation: ImageChannel, folder: Path
    ) -> None:
        """Prepare the network with weights drawn from a fixed seed; its models go to `folder`."""
        self._values, self._train, self._validation, self._folder = values, train_images, validation, folder
        self._epoch = 0
        # What the algorithm ends in for several labels an image was never seen; a logistic for each is what they mean.
        head = "LogisticRegressionOutput" if values.multi_label else "SoftmaxOutput"
        self._symbol = build_resnet(values.num_layers, values.image_shape, values.num_classes, head=head)
        self._module = mxnet.mod.Module(self._symbol, label_names=["softmax_label"], context=mxnet.cpu())
        batch = values.mini_batch_size
        labels = (batch, values.num_classes) if values.multi_label and values.num_classes > 1 else (batch,)
        self._module.bind([("data", (batch, *values.image_shape))], [("softmax_label", labels)])
        mxnet.random.seed(0)
        self._module.init_params(mxnet.init.Xavier())
        names = (name for name in self._symbol.list_arguments() if name not in ("data", "softmax_label"))
        self._optimizer = mxnet.optimizer.create(
            values.optimizer,
            learning_rate=values.learning_rate,
            rescale_grad=1 / batch,
            param_idx2name=dict(enumerate(names)),  # by which it knows the offsets, which do not decay
            sym=self._symbol,
            **choose_optimizer_settings(values),
        )
        self._module.init_optimizer(kvstore=None, optimizer=self._optimizer)

    def multiply_learning_rate(self, factor: float) -> None:
        """Change the learning rate from now on."""
        self._optimizer.set_learning_rate(self._optimizer.learning_rate * factor)

    def fit_epoch(self) -> dict[str, float]:
        """Fit one epoch; its measures are those of each batch before the weights change by it, as MXNet's are."""
        self._epoch += 1
        count = None if self._values.multi_label else self._values.top_k
        right = top = 0.0
        for batch, images in read_batches(self._train, self._values, epoch=self._epoch):
            self._module.forward_backward(batch)
            self._module.update()
            scores, labels = self._look_at(batch, images)
            right += self._count_right(scores, labels)
            if count is not None:
                top += float((np.argpartition(scores, -count, axis=1)[:, -count:] == labels[:, None]).any(axis=1).sum())
        measures = {"accuracy": right / self._train.images}
        return measures if count is None else {**measures, f"top_k_accuracy_{count}": top / self._train.images}

    def measure_accuracy(self) -> float:
        """Return the share of right answers; with several labels an image, the mean over the classes."""
        right = 0.0
        for batch, images in read_batches(self._validation, self._values, epoch=None):
            self._module.forward(batch, is_train=False)
            right += self._count_right(*self._look_at(batch, images))
        return right / self._validation.images

    def save(self, *, epoch: int, superseded: Path | None) -> Path:
        """Store the weights of an epoch."""
        weights, states = self._module.get_params()
        arrays = {f"arg:{name}": array for name, array in weights.items()}
        arrays.update({f"aux:{name}": array for name, array in states.items()})

        def write(parameters: Path, symbol: Path) -> None:
            mxnet.nd.save(str(parameters), arrays)
            self._symbol.save(str(symbol))

        return store_model(self._folder, write, epoch=epoch, values=self._values, superseded=superseded)

    def capture(self) -> object:
        """Give the weights, what the optimizer remembers of each, its learning rate, and the number of the epoch."""
        weights, states = self._module.get_params()
        return {
            "weights": {name: array.asnumpy() for name, array in weights.items()},
            "states": {name: array.asnumpy() for name, array in states.items()},
            "updates": self._module._updater.get_states(dump_optimizer=True),
            "epoch": self._epoch,
        }

    def restore(self, state: Any) -> None:  # noqa: ANN401 - what `capture` gave
        """Go on from there."""
        weights, states = (
            {name: mxnet.nd.array(array, dtype=array.dtype) for name, array in state[kind].items()}
            for kind in ("weights", "states")
        )
        self._module.set_params(weights, states)
        self._module._updater.set_states(state["updates"])
        self._optimizer = self._module._updater.optimizer
        self._epoch = state["epoch"]

    def _look_at(self, batch: Any, images: int) -> tuple[Any, Any]:  # noqa: ANN401 - MXNet has no types
        scores = self._module.get_outputs()[0].asnumpy()[:images]
        return scores, batch.label[0].asnumpy()[:images]

    def _count_right(self, scores: Any, labels: Any) -> float:  # noqa: ANN401 - arrays of MXNet's NumPy
        if self._values.multi_label:
            return float(((scores > 0.5) == (labels.reshape(scores.shape) > 0)).mean(axis=1).sum())
        return float((scores.argmax(axis=1) == labels).sum())


def choose_optimizer_settings(values: Hyperparameters) -> dict[str, float]:
    """Translate the hyperparameters that an optimizer takes into MXNet's names."""
    if values.optimizer in ("sgd", "nag"):
        return {"momentum": values.momentum, "wd": values.weight_decay}
    if values.optimizer == "adam":
        return {"beta1": values.beta_1, "beta2": values.beta_2, "epsilon": values.eps}
    return {"gamma1": values.gamma, "epsilon": values.eps}
