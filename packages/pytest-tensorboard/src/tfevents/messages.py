"""The protocol buffers of event files, as classes of a private pool that are made when this module is imported.

TensorFlow, TensorBoard and others each bring generated code for the same files. Such code is bound to one range of
protobuf releases, and two copies in one process can collide. Classes of a pool of our own do neither.

The fields are those of TensorFlow's ``event.proto``, ``summary.proto``, ``tensor.proto`` and the files that these
import, as of TensorFlow 2.21; all of them, so that bytes are refused here if and only if they are refused there. Of
TensorBoard's own ``plugin_data.proto`` for hyperparameters there are the names alone, of ``RunMetadata`` and
``GraphDef`` the nodes.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError

__all__ = [
    "NOT_PARSED",
    "BundleEntryProto",
    "DecodeError",
    "Event",
    "GraphDef",
    "HParamsPluginData",
    "ProjectorConfig",
    "RunMetadata",
    "SummaryMetadata",
    "SummaryValue",
]

# What parsing raises: protobuf in pure Python has an error of its own for texts that are not UTF-8.
NOT_PARSED = (DecodeError, UnicodeDecodeError)

PACKAGE = "tfevents"

# Below each message its fields: number, type, name; "*" is repeated, "|" belongs to the message's one `oneof`, whose
# fields protobuf 3.20 wants side by side.
# An enum is read as int32, which takes the same bytes and gives the same numbers.
SCHEMA = """
Event what
    1 double wall_time
    2 int64 step
    3 string file_version |
    4 bytes graph_def |
    5 Summary summary |
    6 LogMessage log_message |
    7 SessionLog session_log |
    8 TaggedRunMetadata tagged_run_metadata |
    9 bytes meta_graph_def |
    10 SourceMetadata source_metadata
SourceMetadata
    1 string writer
LogMessage
    1 int32 level
    2 string message
SessionLog
    1 int32 status
    2 string checkpoint_path
    3 string msg
TaggedRunMetadata
    1 string tag
    2 bytes run_metadata
Summary
    1 SummaryValue value *
SummaryValue value
    1 string tag
    7 string node_name
    9 SummaryMetadata metadata
    2 float simple_value |
    3 bytes obsolete_old_style_histogram |
    4 SummaryImage image |
    5 HistogramProto histo |
    6 SummaryAudio audio |
    8 TensorProto tensor |
SummaryMetadata
    1 PluginData plugin_data
    2 string display_name
    3 string summary_description
    4 int32 data_class
PluginData
    1 string plugin_name
    2 bytes content
SummaryImage
    1 int32 height
    2 int32 width
    3 int32 colorspace
    4 bytes encoded_image_string
SummaryAudio
    1 float sample_rate
    2 int64 num_channels
    3 int64 length_frames
    4 bytes encoded_audio_string
    5 string content_type
HistogramProto
    1 double min
    2 double max
    3 double num
    4 double sum
    5 double sum_squares
    6 double bucket_limit *
    7 double bucket *
TensorProto
    1 int32 dtype
    2 TensorShapeProto tensor_shape
    3 int32 version_number
    4 bytes tensor_content
    5 float float_val *
    6 double double_val *
    7 int32 int_val *
    8 bytes string_val *
    9 float scomplex_val *
    10 int64 int64_val *
    11 bool bool_val *
    12 double dcomplex_val *
    13 int32 half_val *
    14 ResourceHandleProto resource_handle_val *
    15 VariantTensorDataProto variant_val *
    16 uint32 uint32_val *
    17 uint64 uint64_val *
    18 bytes float8_val
TensorShapeProto
    2 Dim dim *
    3 bool unknown_rank
Dim
    1 int64 size
    2 string name
VariantTensorDataProto
    1 string type_name
    2 bytes metadata
    3 TensorProto tensors *
ResourceHandleProto
    1 string device
    2 string container
    3 string name
    4 uint64 hash_code
    5 string maybe_type_name
    6 DtypeAndShape dtypes_and_shapes *
DtypeAndShape
    1 int32 dtype
    2 TensorShapeProto shape
GraphDef
    1 NodeDef node *
NodeDef
    1 string name
    2 string op
RunMetadata
    3 GraphDef partition_graphs *
    4 FunctionGraphs function_graphs *
FunctionGraphs
    1 GraphDef partition_graphs *
    2 GraphDef pre_optimization_graph
    3 GraphDef post_optimization_graph
ProjectorConfig
    1 string model_checkpoint_path
    2 EmbeddingInfo embeddings *
    3 string model_checkpoint_dir
EmbeddingInfo
    1 string tensor_name
    2 string metadata_path
    3 string bookmarks_path
    4 uint32 tensor_shape *
    5 SpriteMetadata sprite
    6 string tensor_path
SpriteMetadata
    1 string image_path
    2 uint32 single_image_dim *
BundleEntryProto
    1 int32 dtype
    2 TensorShapeProto shape
HParamsPluginData
    1 int32 version
    2 Experiment experiment
    3 SessionStartInfo session_start_info
Experiment
    4 HParamInfo hparam_infos *
    5 MetricInfo metric_infos *
HParamInfo
    1 string name
MetricInfo
    1 MetricName name
MetricName
    1 string group
    2 string tag
SessionStartInfo
    1 HParamValue hparams *
HParamValue
    1 string key
"""


def classes() -> dict[str, Any]:
    """Every message of the schema by its name."""
    pool = descriptor_pool.DescriptorPool()
    file = file_descriptor()
    pool.AddSerializedFile(file.SerializeToString())
    return {message.name: class_of(pool, f"{PACKAGE}.{message.name}") for message in file.message_type}


def file_descriptor() -> FileDescriptorProto:
    file = FileDescriptorProto(name="tfevents/schema.proto", package=PACKAGE, syntax="proto3")
    message = DescriptorProto()
    for line in SCHEMA.strip().splitlines():
        if line.startswith(" "):
            add_field(message, *line.split())
        else:
            name, *oneof = line.split()
            message = file.message_type.add(name=name)
            for one in oneof:
                message.oneof_decl.add(name=one)
    return file


def add_field(message: DescriptorProto, number: str, kind: str, name: str, *marks: str) -> None:
    scalar = kind.islower() or kind[:1].islower()
    field = message.field.add(
        name=name,
        number=int(number),
        type=FieldDescriptorProto.Type.Value(f"TYPE_{kind.upper()}" if scalar else "TYPE_MESSAGE"),
        label=FieldDescriptorProto.LABEL_REPEATED if "*" in marks else FieldDescriptorProto.LABEL_OPTIONAL,
    )
    if not scalar:
        field.type_name = f".{PACKAGE}.{kind}"
    if "|" in marks:
        field.oneof_index = 0


def class_of(pool: descriptor_pool.DescriptorPool, name: str) -> Any:
    descriptor = pool.FindMessageTypeByName(name)
    if hasattr(message_factory, "GetMessageClass"):  # protobuf 4.22 and later
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


_classes = classes()
BundleEntryProto = _classes["BundleEntryProto"]
Event = _classes["Event"]
GraphDef = _classes["GraphDef"]
HParamsPluginData = _classes["HParamsPluginData"]
ProjectorConfig = _classes["ProjectorConfig"]
RunMetadata = _classes["RunMetadata"]
SummaryMetadata = _classes["SummaryMetadata"]
SummaryValue = _classes["SummaryValue"]
