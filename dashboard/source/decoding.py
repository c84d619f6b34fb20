"""Opening a container with FFmpeg and decoding its pictures; a damaged one costs itself only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import av
from av.container import InputContainer
from av.error import EOFError as EndOfFile
from av.error import ExitError, FFmpegError, InvalidDataError
from av.packet import Packet
from av.video.stream import VideoStream

from dashboard.source.base import Progress, SourceError

# 8K video; more is a broken header or an attack, and would not fit a worker's memory.
LARGEST_PICTURE_PIXELS = 8192 * 4608
# Damaged stretches give one error per packet; a source that gives nothing else for so long is broken.
MOST_ERRORS_IN_A_ROW = 500


def open_container(
    url: str, options: Mapping[str, str], open_s: float, read_s: float, format_name: str | None = None
) -> InputContainer:
    """The opened container; FFmpegError as FFmpeg gives it (its text may hold the address)."""
    container: InputContainer = av.open(
        url,
        mode="r",
        format=format_name,
        options=dict(options),
        timeout=(open_s, read_s),
        metadata_errors="replace",
    )
    return container


def video_stream(container: InputContainer) -> VideoStream:
    """The first stream of pictures, set to decode without delay; SourceError when there is none."""
    pictures = [s for s in container.streams.video if s.codec_context is not None and not _is_cover(s)]
    if not pictures:
        known = bool(container.streams.video) and not any(_is_cover(s) for s in container.streams.video)
        raise SourceError(
            "its video is in a format that cannot be decoded here" if known else "it has no video",
            hopeless=True,
        )
    stream = pictures[0]
    if stream.codec_context.width * stream.codec_context.height > LARGEST_PICTURE_PIXELS:
        raise SourceError("its pictures are larger than 8192 x 4608 pixels", hopeless=True)
    # Decoding on several threads would hold frames back, and leaves it open which ones a damage costs.
    stream.codec_context.thread_count = 1
    stream.codec_context.thread_type = "NONE"
    return stream


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the one still picture that music files carry."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def decoded(
    container: InputContainer,
    stream: VideoStream,
    progress: Progress,
    wanted: Callable[[Packet[VideoStream]], bool] = lambda packet: True,
) -> Iterator[av.VideoFrame]:
    """Every whole picture, in display order. Packets that are not `wanted` are never decoded.

    Damaged packets and pictures are counted in `progress.corrupt` and left out; FFmpegError when the
    source itself fails (connection, time-out) or gives only damage.
    """
    in_a_row = 0
    while True:
        try:
            for packet in container.demux(stream):
                if packet.size and not wanted(packet):
                    continue
                whole, damaged = _pictures(packet)
                progress.corrupt += damaged
                in_a_row = 0 if whole else in_a_row + damaged
                if in_a_row > MOST_ERRORS_IN_A_ROW:
                    raise SourceError("the pictures arrive damaged")
                yield from whole
            return
        except IndexError:
            # PyAV looks up every stream at the end of the data, and does not know those that damage, or
            # an FLV's late sound, had added meanwhile.
            return
        except InvalidDataError:
            # The demuxer's own error ends its generator; a new one goes on behind the damage.
            progress.corrupt += 1
            in_a_row += 1
            if in_a_row > MOST_ERRORS_IN_A_ROW:
                raise


def _pictures(packet: Packet[VideoStream]) -> tuple[list[av.VideoFrame], int]:
    try:
        frames = packet.decode()
    except EndOfFile:
        return [], 0
    except ExitError:
        raise
    except FFmpegError:
        return [], 1
    whole = [frame for frame in frames if isinstance(frame, av.VideoFrame) and not frame.is_corrupt]
    return whole, len(frames) - len(whole)
