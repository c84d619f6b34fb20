"""MediaPipe's PoseLandmarker bundle made out of the two models of the older wheel.

A bundle (`.task`) is a zip without compression of `pose_detector.tflite` and
`pose_landmarks_detector.tflite`; each must carry TFLite metadata that tells how its input is normalised,
which the models of the older wheel lack.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as schema

from dashboard.vision.models import POSE_DETECTION, POSE_LANDMARK

# file name in the bundle -> (file name in the wheel, mean, std of the input bytes)
PARTS: dict[str, tuple[str, float, float]] = {
    "pose_detector.tflite": (POSE_DETECTION, 127.5, 127.5),
    "pose_landmarks_detector.tflite": (POSE_LANDMARK, 0.0, 255.0),
}


def pose_bundle(files: Mapping[str, Path]) -> bytes:
    """The bundle's bytes, from installed model files (file name -> path)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for name, (source, mean, std) in PARTS.items():
            bundle.writestr(name, with_normalisation(files[source].read_bytes(), mean, std))
    return packed.getvalue()


def with_normalisation(model: bytes, mean: float, std: float) -> bytes:
    """The TFLite model with metadata that says: RGB picture in, `(byte - mean) / std`."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    graph = tree.subgraphs[0]
    note = schema.BufferT()
    note.data = _metadata(len(graph.outputs), mean, std)
    entry = schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(tree.buffers)
    tree.buffers = [*tree.buffers, note]
    tree.metadata = [*(tree.metadata or []), entry]
    return _packed(tree, b"TFL3")


def _metadata(outputs: int, mean: float, std: float) -> bytes:
    picture = metadata_schema.ImagePropertiesT()
    picture.colorSpace = metadata_schema.ColorSpaceType.RGB
    content = metadata_schema.ContentT()
    content.contentPropertiesType = metadata_schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    normal = metadata_schema.NormalizationOptionsT()
    normal.mean, normal.std = [mean], [std]
    unit = metadata_schema.ProcessUnitT()
    unit.optionsType = metadata_schema.ProcessUnitOptions.NormalizationOptions
    unit.options = normal
    taken = metadata_schema.TensorMetadataT()
    taken.name, taken.content, taken.processUnits = "image", content, [unit]
    graph = metadata_schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [taken]
    graph.outputTensorMetadata = [metadata_schema.TensorMetadataT() for _ in range(outputs)]
    whole = metadata_schema.ModelMetadataT()
    whole.name, whole.subgraphMetadata = "pose", [graph]
    return _packed(whole, b"M001")


def _packed(tree: Any, identifier: bytes) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(tree.Pack(builder), identifier)
    return bytes(builder.Output())
