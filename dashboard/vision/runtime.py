"""Networks run by OpenVINO: pictures in as they come (BGR bytes), arrays out, several at once.

Each network has as many streams of one thread as it was given threads, so that a batch of crops
keeps every core busy without two runs sharing one core's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

from dashboard.values import Floats, Image


class VisionError(Exception):
    """A model file cannot be read or is not the network that it should be; the message names it."""


class Precision(StrEnum):
    """`fast`: what the processor does quickest (bfloat16 where it has it); `exact`: 32-bit floats."""

    FAST = "fast"
    EXACT = "exact"


@dataclass(frozen=True)
class InputForm:
    """What the network wants: `rgb` or BGR, values `(byte - mean) / scale`, one for all colours or one each,
    `layout` NHWC or NCHW."""

    layout: str = "NHWC"
    rgb: bool = True
    mean: float | tuple[float, float, float] = 0.0
    scale: float | tuple[float, float, float] = 1.0


class Ticket:
    """A run under way; `result` waits for it."""

    def __init__(self, network: Network, request: Any, picture: Image) -> None:
        self._network = network
        self._request = request
        self._picture = picture  # the request reads these bytes in place until it is done

    def result(self) -> tuple[Floats, ...]:
        """The network's outputs, copied, in the order asked for when it was loaded. Call once."""
        self._request.wait()
        outputs = tuple(
            np.array(self._request.get_output_tensor(i).data, dtype=np.float32)
            for i in range(self._network.output_count)
        )
        self._network.give_back(self._request)
        return outputs


class Network:
    """One compiled network. Not for several threads at once; several runs at once are the point."""

    def __init__(self, compiled: Any, size_wh: tuple[int, int], batches: bool = False) -> None:
        self._compiled = compiled
        self.batches = batches
        self._idle: list[Any] = []
        self.size_wh = size_wh
        self.output_count = len(compiled.outputs)
        self.output_names = tuple(
            output.get_any_name() if output.names else "" for output in compiled.outputs
        )

    @property
    def output_ranks(self) -> tuple[int, ...]:
        """How many dimensions each output has; 0 where that is not known."""
        shapes = [output.partial_shape for output in self._compiled.outputs]
        return tuple(len(shape) if shape.rank.is_static else 0 for shape in shapes)

    @property
    def output_channels(self) -> tuple[int, ...]:
        """The second side of each output; 0 where that is not known."""
        sides = [output.partial_shape[1] for output in self._compiled.outputs]
        return tuple(side.get_length() if side.is_static else 0 for side in sides)

    def submit(self, picture: Image) -> Ticket:
        """Start a run on a BGR picture (height, width, 3) of exactly the network's size, where it has one."""
        return self.submit_batch(picture[None])

    def submit_batch(self, pictures: Image) -> Ticket:
        """Start a run on several pictures (N, height, width, 3) at once."""
        request = self._idle.pop() if self._idle else self._compiled.create_infer_request()
        batch = np.ascontiguousarray(pictures)
        request.set_input_tensor(0, ov.Tensor(batch, shared_memory=True))
        request.start_async()
        return Ticket(self, request, batch)

    def run_all(self, pictures: Iterable[Image]) -> list[tuple[Floats, ...]]:
        """The outputs for each picture, run side by side."""
        return [ticket.result() for ticket in [self.submit(picture) for picture in pictures]]

    def give_back(self, request: Any) -> None:
        """A finished run's request, to be used again."""
        self._idle.append(request)


class Runtime:
    """Reads and compiles networks. `cache` keeps compiled networks between starts."""

    def __init__(
        self, threads: int, precision: Precision = Precision.FAST, cache: Path | None = None
    ) -> None:
        self._core = ov.Core()
        self._options: dict[str, object] = {
            "NUM_STREAMS": threads,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "THROUGHPUT",
            "ENABLE_CPU_PINNING": False,  # several camera workers share the machine
        }
        if precision is Precision.EXACT:
            self._options["INFERENCE_PRECISION_HINT"] = "f32"
        if cache is not None:
            self._options["CACHE_DIR"] = str(cache)

    def load(self, file: Path, form: InputForm, outputs: Sequence[str]) -> Network:
        """Compile `file`, keeping only the part that the named `outputs` need. Raises VisionError."""
        try:
            model = self._core.read_model(str(file))
            kept = ov.Model([model.output(name) for name in outputs], model.get_parameters(), file.stem)
            height, width = _height_width(kept, form)
            compiled = self._core.compile_model(_with_form(kept, form), "CPU", self._options)
        except (RuntimeError, ValueError) as problem:
            raise _unusable(file, problem) from problem
        return Network(compiled, (width, height))

    def load_any_size(self, file: Path, form: InputForm, outputs: Sequence[str] = ()) -> Network:
        """The same for a network that takes pictures of any size; without `outputs` all of them. Several
        pictures of one size may be one batch. VisionError."""
        try:
            model = self._core.read_model(str(file))
            names = [model.output(name) for name in outputs] or model.outputs
            return self.compile_any_size(ov.Model(names, model.get_parameters(), file.stem), form)
        except (RuntimeError, ValueError) as problem:
            raise _unusable(file, problem) from problem

    def load_batches(self, file: Path, form: InputForm) -> Network:
        """The same for a network of fixed height and width that takes as many pictures at once as it is
        given, where it was exported so; else one at a time (`batches` False). VisionError."""
        try:
            model = self._core.read_model(str(file))
            height, width = _height_width(model, form)
            options = {**self._options, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
            try:
                model.reshape(ov.PartialShape([-1, 3, height, width]))
                batches = not any(output.partial_shape[0].is_static for output in model.outputs)
            except RuntimeError:
                batches = False
            if not batches:
                model = self._core.read_model(str(file))
                model.reshape(ov.PartialShape([1, 3, height, width]))
            compiled = self._core.compile_model(_with_form(model, form), "CPU", options)
        except (RuntimeError, ValueError) as problem:
            raise _unusable(file, problem) from problem
        return Network(compiled, (width, height), batches)

    def compile_any_size(self, model: Any, form: InputForm) -> Network:
        """A network that was read already. RuntimeError, ValueError."""
        sides = [-1, -1, -1, 3] if form.layout == "NHWC" else [-1, 3, -1, -1]
        model.reshape(ov.PartialShape(sides))
        options = {**self._options, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
        return Network(self._core.compile_model(_with_form(model, form), "CPU", options), (0, 0))


def _unusable(file: Path, problem: Exception) -> VisionError:
    reason = str(problem).strip().splitlines()[-1]
    return VisionError(f"the model file {file.name} cannot be used: {reason}")


def _height_width(model: Any, form: InputForm) -> tuple[int, int]:
    shape = model.input(0).partial_shape
    height, width = (shape[1], shape[2]) if form.layout == "NHWC" else (shape[2], shape[3])
    if height.is_dynamic or width.is_dynamic:
        raise ValueError(f"its input {shape} has no fixed height and width")
    return height.get_length(), width.get_length()


def _each(value: float | tuple[float, ...]) -> float | list[float]:
    return list(value) if isinstance(value, tuple) else value


def _with_form(model: Any, form: InputForm) -> Any:
    """The network with its own reading of BGR bytes in front."""
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().tensor().set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(ov.Layout(form.layout))
    if form.rgb:
        steps.input().preprocess().convert_color(ColorFormat.RGB)
    steps.input().preprocess().convert_element_type(ov.Type.f32)
    if form.mean:
        steps.input().preprocess().mean(_each(form.mean))
    if form.scale != 1.0:
        steps.input().preprocess().scale(_each(form.scale))
    return steps.build()
