"""Every threshold of the program, with its unit and source, loaded and checked once.

A setting is named `section.field` (`vision.person_score`). `Settings.with_values` takes what the
command line or the database gives and fails naming key and value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any


class SettingError(ValueError):
    """A setting's key does not exist or its value is out of range; the message names both."""


def setting(default: Any, unit: str, source: str, low: float | None = None, high: float | None = None) -> Any:
    """A dataclass field that carries its unit, where the number comes from, and its range."""
    return field(default=default, metadata={"unit": unit, "source": source, "low": low, "high": high})


@dataclass(frozen=True)
class SourceSettings:
    """Reading cameras."""

    blind_after_s: float = setting(2.0, "s", "a stale picture is stamped within 2 s", 0.5, 30)
    open_s: float = setting(8.0, "s", "a camera on the local network opens in 0.4 s, a slow one in 5", 1, 60)
    read_s: float = setting(5.0, "s", "one frame a second is the slowest camera in use", 1, 60)
    stuck_after_s: float = setting(20.0, "s", "longer than open_s and read_s together", 2, 300)
    frozen_after_s: float = setting(
        10.0, "s", "twice the usual key frame distance; noise or a clock changes a live picture", 1, 600
    )
    late_after_s: float = setting(1.0, "s", "half of blind_after_s", 0.1, 30)
    retry_first_s: float = setting(1.0, "s", "first pause after a cut", 0.05, 60)
    retry_most_s: float = setting(10.0, "s", "pauses double up to here; it must be back soon", 0.05, 600)
    refused_retry_s: float = setting(30.0, "s", "cameras lock an account after 5 wrong passwords", 1, 3600)
    usb_width: int = setting(1280, "pixels", "what the models were measured with", 16, 7680)
    usb_height: int = setting(720, "pixels", "as the width", 16, 4320)


@dataclass(frozen=True)
class VisionSettings:
    """Finding people and their key points."""

    detector_score: float = setting(
        0.3, "", "YOLOX's demo default; landmarks weed what it lets in", 0.05, 0.95
    )
    thing_score: float = setting(0.35, "", "animals and objects have no skeleton to verify them", 0.05, 0.95)
    detector_overlap: float = setting(
        0.6, "IoU", "people in a group overlap; fused again with skeletons", 0.1, 0.95
    )
    tile_score: float = setting(0.5, "", "MediaPipe's min_score_thresh", 0.1, 0.95)
    presence: float = setting(0.5, "", "MediaPipe's min_pose_presence_confidence", 0.1, 0.95)
    follow_presence: float = setting(0.7, "", "following alone needs more than finding", 0.1, 0.99)
    danger_every_s: float = setting(
        0.3, "s", "three words on a pose in a second; each looks back one", 0.05, 2
    )
    danger_least_s: float = setting(0.6, "s", "half a stroke cannot be told from a pose", 0.2, 1)
    danger_gap_s: float = setting(0.35, "s", "five frames a second, one of them missed", 0.05, 1)
    danger_point_score: float = setting(0.3, "", "as rules.head_score: what is surely a guess is less", 0, 1)
    danger_points: int = setting(9, "points", "the trunk and most of two limbs", 4, 17)
    report_score: float = setting(
        0.2, "", "weaker findings are doubted by skeleton and stillness both", 0, 0.9
    )
    follow_alone_s: float = setting(5.0, "s", "an identity survives a missed detection of 5 s", 0.5, 60)
    detector_every: int = setting(1, "frames", "the whole-picture detector's share of the budget", 1, 30)
    tiles: int = setting(2, "runs/frame", "two cores at 20 frames a second", 0, 64)
    landmarks: int = setting(5, "runs/frame", "two cores at 20 frames a second", 1, 64)
    background_width: int = setting(320, "px", "under 5 ms a frame on one core", 64, 1280)
    absorb_s: float = setting(
        180.0, "s", "somebody who stands still for a minute must not be learnt", 60, 3600
    )
    exact: bool = setting(False, "", "32-bit floats instead of the processor's quickest kind")


@dataclass(frozen=True)
class OpenPoseSettings:
    """Decoding key point maps and part affinity fields; names as in OpenPose."""

    nms_threshold: float = setting(0.1, "score", "a point's map is a peak above this; Cao et al.", 0.001, 0.9)
    connect_inter_threshold: float = setting(
        0.05, "agreement", "field and limb agree at a sample; Cao et al.", 0, 0.9
    )
    connect_inter_min_above_threshold: float = setting(
        0.8, "share", "of a limb's samples that agree; Cao et al.", 0.1, 1
    )
    connect_min_subset_cnt: int = setting(3, "points", "fewer is nobody; OpenPose", 2, 18)
    connect_min_subset_score: float = setting(
        0.2, "score", "weaker people are nobody; OpenPose has 0.4 with networks ten times as large", 0, 2
    )
    heights: str = setting(
        "184,256,368,512,736",
        "px",
        "a still picture's; OpenPose's 368, halved and doubled in steps of root 2",
    )
    engine: str = setting("openvino", "", "what runs openpose-tf and openpose-own; or OpenCV's own: opencv")
    live_heights: str = setting("640", "px", "a camera's: people of a tenth of it are found")
    flip: bool = setting(False, "", "look again at the mirror image: twice the time, a little more is found")
    average: bool = setting(
        False, "", "the paper's average over heights, not each person from the best of them"
    )


@dataclass(frozen=True)
class TopDownSettings:
    """A network on each person's crop; names as in the simple baseline's configuration."""

    flip: bool = setting(True, "", "look again at the mirror image: a point of AP for twice the time")
    in_vis_thre: float = setting(0.2, "score", "points that count for a person's score; Xiao et al.", 0, 1)
    live_score: float = setting(
        0.3, "score", "a camera's findings without a detector's box need points this sure", 0, 1
    )


@dataclass(frozen=True)
class TrackSettings:
    """Keeping identities. A "size" is the longer side of the person's box: about a body's length, standing
    or lying, so the numbers hold near and far from the camera. "nats" are natural-log odds."""

    speed_sizes_s: float = setting(0.8, "sizes/s", "walking 1.4 m/s over a body of 1.7 m", 0.1, 5)
    turn_s: float = setting(3.0, "s", "how long a walker's velocity stays alike, PETS S2L1: 3 to 4", 0.2, 20)
    reshape_sizes_s: float = setting(
        0.25, "sizes/s", "a box's sides change when a person turns, bends", 0.01, 5
    )
    box_noise: float = setting(0.06, "sizes", "jitter of detectors' box centres on PETS S2L1", 0.005, 0.5)
    side_noise: float = setting(0.12, "sizes", "jitter of detectors' box sides on PETS S2L1", 0.005, 0.5)

    high_score: float = setting(0.5, "score", "first association round; ByteTrack splits at 0.5 to 0.6", 0, 1)
    birth_score: float = setting(0.3, "score", "weaker findings support a track and never begin one", 0, 1)
    confirm_s: float = setting(
        0.25, "s", "three frames at 10 frames/s and full score, as SORT's min_hits", 0, 10
    )
    neutral_score: float = setting(0.2, "score", "a finding this weak says nothing about a person", 0, 0.9)
    still_score: float = setting(
        0.5, "score", "the same for what never moved and the background explains: signs, posts", 0, 0.95
    )
    moved_sizes: float = setting(
        0.3, "sizes", "further from its first place than a box jitters: it lives", 0, 3
    )
    look_s: float = setting(
        0.2, "s", "the most that one look counts: two frames at 2/s confirm, one never", 0.01, 5
    )
    follow_trust: float = setting(
        0.5, "share", "a followed skeleton that moved, next to a searcher's finding", 0, 1
    )
    evidence_s: float = setting(
        5.0, "s", "time constant in which a tentative track's evidence fades", 0.1, 60
    )
    fade: float = setting(0.5, "share", "a look that misses a tentative track takes back this share", 0, 10)
    tentative_keep_s: float = setting(1.0, "s", "a tentative track unseen for this long is dropped", 0.05, 10)

    lost_after_s: float = setting(
        0.5, "s", "unseen for this long a track is lost, before that bridged", 0, 10
    )
    lost_keep_s: float = setting(5.0, "s", "an identity survives a missed detection of 5 s", 0.5, 120)
    blind_keep_s: float = setting(
        15.0, "s", "while nobody looked nobody has gone; after this all is new", 0.5, 600
    )
    exit_keep_s: float = setting(
        1.0, "s", "a track that walked out of the picture is kept this long", 0.05, 60
    )

    inside_birth: float = setting(
        0.1, "share", "share of newcomers that appear away from picture edges", 1e-4, 1
    )
    edge_sizes: float = setting(
        0.5, "sizes", "a box's centre this near to the picture's edge is at the edge", 0, 3
    )
    gate_sigmas: float = setting(4.0, "sigma", "no match beyond; 2-D normal: 3 in 10,000", 1, 10)
    overlap_nats: float = setting(1.0, "nats", "weight of the boxes' overlap in a match", 0, 20)
    pose_nats: float = setting(0.5, "nats", "weight of the skeletons' likeness in a match", 0, 20)
    head_nats: float = setting(1.0, "nats", "weight of the heads' places in a match", 0, 20)
    head_most: float = setting(6.0, "nats", "how much a head in another place may speak against one", 0, 50)
    head_noise: float = setting(0.4, "heads", "nine in ten of simulated swimmers' are nearer", 0.05, 3)
    appearance_nats: float = setting(35.0, "nats/cosine", "clothes' colours: same 0.96, others 0.80", 0, 100)
    appearance_most: float = setting(3.0, "nats", "colours alone never decide a match", 0, 20)
    alike: float = setting(0.9, "cosine", "appearances nearer than this speak for the same person", -1, 1)
    appearance_s: float = setting(
        3.0, "s", "time constant of a track's appearance; light and sides change", 0.1, 60
    )
    crowded_overlap: float = setting(0.2, "IoU", "deeper in another's box, colours and sides are mixed", 0, 1)
    steady_nats: float = setting(
        4.0,
        "nats",
        "somebody seen a moment ago is likelier than a newcomer: one in 5 s at 10 frames/s",
        0,
        20,
    )
    duplicate_overlap: float = setting(
        0.6, "IoU", "a new track this deep in an older one is its double", 0.1, 1
    )
    duplicate_inside: float = setting(
        0.85, "share", "so does one that lies within an older one's box", 0.1, 1
    )
    distinct_pose: float = setting(
        0.3, "OKS", "skeletons less alike than this are two people, not doubles", 0, 1
    )
    merge_s: float = setting(2.0, "s", "a confirmed track that is a double for this long ends", 0.1, 60)
    score_memory_s: float = setting(1.0, "s", "time constant of a track's score", 0.05, 30)


@dataclass(frozen=True)
class MonitorSettings:
    """Processes and watchdogs."""

    stall_s: float = setting(8.0, "s", "many times the slowest frame on a loaded machine", 1, 120)
    worker_start_s: float = setting(60.0, "s", "reading and compiling models on a slow board", 5, 600)
    restart_s: float = setting(0.2, "s", "a killed worker is back within 5 s", 0.05, 10)
    restart_max_s: float = setting(30.0, "s", "a worker that cannot live must not eat the machine", 1, 600)
    steady_s: float = setting(60.0, "s", "a worker that lived so long is not crash-looping", 1, 3600)
    stop_s: float = setting(2.0, "s", "the monitor stops within 3 s, workers included", 0.5, 10)
    interest_s: float = setting(3.0, "s", "three lost renewals of one second", 1, 30)
    late_s: float = setting(0.25, "s", "the goal for the 95th percentile with four cameras", 0.05, 5)
    preview_width: int = setting(960, "px", "a phone and a tile of a laptop show no more", 160, 1920)
    preview_quality: int = setting(70, "JPEG", "half the bytes of 90, no difference under skeletons", 30, 95)
    preview_fps: float = setting(15.0, "1/s", "a viewer at 15 frames a second", 1, 60)
    empty_picture_s: float = setting(2.0, "s", "the learnt picture changes slowly", 0.5, 60)
    save_background_s: float = setting(180.0, "s", "at most this much learning is lost in a crash", 10, 3600)
    cameras: int = setting(64, "cameras", "what one machine could ever decode", 1, 1024)
    test_s: float = setting(10.0, "s", "a person waits for the test of a camera", 1, 60)


@dataclass(frozen=True)
class RuleSettings:
    """Judging. Lengths without a scale are in heights of the person's own body."""

    confirm_s: float = setting(0.5, "s", "a finding that lives less never fires", 0.1, 5)
    confirm_sightings: int = setting(2, "", "one frame never fires", 2, 30)
    afloat_confirm_s: float = setting(1.0, "s", "nobody comes into being in mid-water; glints do", 0.5, 5)
    run_gap_s: float = setting(2.0, "s", "who was unseen for longer has to be seen twice again", 0.5, 10)
    look_gap_s: float = setting(1.0, "s", "sightings further apart do not support each other", 0.5, 10)
    ankle_score: float = setting(0.5, "", "MediaPipe's own threshold for a visible landmark", 0.1, 0.95)
    head_score: float = setting(0.3, "", "a head is small and often half turned away", 0.1, 0.95)
    edge_margin: float = setting(0.03, "body", "jitter of a box's bottom edge while standing still", 0, 0.5)
    exit_reach: float = setting(0.5, "body", "half a stride from an edge", 0, 3)
    border_margin: float = setting(0.02, "of the picture", "boxes of cut-off people end short of it", 0, 0.2)
    look_ahead_s: float = setting(1.0, "s", "where somebody who vanished was going", 0, 5)
    left_after_s: float = setting(3.0, "s", "an adult's leaving must be known within 5 s", 0.5, 30)
    hidden_s: float = setting(10.0, "s", "twice what tracking bridges", 2, 120)
    forget_s: float = setting(30.0, "s", "somebody who left may come in at a linked portal", 5, 600)
    swim_m_s: float = setting(2.0, "m/s", "sprint swimmers: 2.4 m/s over 50 m", 0.5, 4)
    run_m_s: float = setting(6.0, "m/s", "running children: 5 to 6 m/s", 1, 12)
    reach_slack_m: float = setting(1.0, "m", "from head to feet of one finding to the next", 0, 5)
    double_overlap: float = setting(
        0.45, "IoU", "two findings of one body; a child before an adult: 0.3", 0.2, 1
    )
    overlap_s: float = setting(0.3, "s", "one body's two tracks overlap in time by a bridged gap", 0, 2)
    rearm_s: float = setting(10.0, "s", "one trouble that flickers is one event", 0, 300)
    adult_odds: float = setting(3.0, "log odds", "20 to 1 for an adult: a mistake is dangerous", 1, 10)
    child_odds: float = setting(2.0, "log odds", "7 to 1 for a child: a mistake is a nuisance", 0.5, 10)
    adult_fresh_s: float = setting(5.0, "s", "an adult who was not seen for longer does not watch", 1, 60)
    child_alone_s: float = setting(2.5, "s", "emergency within 3 s of being visible", 0.5, 3)
    adult_left_s: float = setting(0.5, "s", "with the leaving and a camera's lag, within 5 s", 0, 5)
    empty_prompt_s: float = setting(3.0, "s", "nobody left: ask at once, but not at a flicker", 0, 60)
    return_s: float = setting(60.0, "s", "back to watch by itself", 5, 600)
    never_seen_return_s: float = setting(300.0, "s", "supervised, and nobody ever came", 60, 3600)
    submersion_limit_s: float = setting(10.0, "s", "lifeguards' 10/20 rule", 5, 30)
    submersion_alert_share: float = setting(0.5, "of the limit", "alert at half", 0.1, 1)
    submersion_blind_share: float = setting(0.5, "of what is left", "unseen water is not safe water", 0, 1)
    clear_share: float = setting(
        0.65, "of the usual", "refraction and tint take more at once, a turn of the head less", 0.1, 0.95
    )
    clear_known_s: float = setting(1.0, "s", "before that nobody knows how clearly they stand out", 0.1, 10)
    clear_gap_s: float = setting(2.0, "s", "two swimmers pass each other; later it may be anybody", 0.1, 5)
    clear_alone_s: float = setting(15.0, "s", "nobody is unrecognisable for longer; a toy is", 1, 60)
    head_count_s: float = setting(30.0, "s", "ASTM F3698: signal within 30 s", 10, 600)
    head_count_seen_s: float = setting(2.0, "s", "who is counted was seen for that long", 0.5, 30)
    missing_gone_s: float = setting(600.0, "s", "named long ago; the count must come right again", 60, 7200)
    danger_on: float = setting(0.7, "", "hysteresis, upper", 0.1, 1)
    danger_off: float = setting(0.5, "", "hysteresis, lower", 0, 1)
    danger_pause_s: float = setting(2.0, "s", "who drowns bobs; half of a bob hangs still", 0.5, 10)
    danger_sure: float = setting(
        0.85, "", "a siren beside a watching adult must be right 5 times in 6", 0.5, 1
    )
    danger_way: float = setting(
        0.25, "body/s", "who makes way does not drown; a slow breaststroke makes 0.3", 0.05, 5
    )
    danger_s: float = setting(2.0, "s", "never one frame", 2, 30)
    danger_emergency_s: float = setting(4.0, "s", "an instinctive drowning response lasts 20 to 60 s", 2, 60)
    still_s: float = setting(10.0, "s", "lifeguards' 10/20 rule", 5, 60)
    still_emergency_s: float = setting(20.0, "s", "lifeguards' 10/20 rule", 5, 120)
    lying_s: float = setting(20.0, "s", "who stumbled is up again by then", 0.5, 120)
    lying_emergency_s: float = setting(30.0, "s", "half as long again", 1, 240)
    still_speed: float = setting(0.1, "body/s", "a floating body drifts at some cm/s", 0.01, 1)
    still_limb: float = setting(0.3, "torso", "three times the jitter of a landmark", 0.05, 2)
    responsible_s: float = setting(20.0, "s", "prompt", 5, 120)
    responsible_alert_s: float = setting(30.0, "s", "half as long again", 5, 240)
    responsible_emergency_s: float = setting(40.0, "s", "twice as long; a child in the water", 5, 480)
    lanyard_required: bool = setting(False, "", "the owner's choice")
    silent_s: float = setting(
        3.0, "s", "a camera that says nothing at all: a blind tick is due after 2 s", 1, 60
    )
    visibility_alert_s: float = setting(8.0, "s", "alert within 10 s", 1, 10)
    object_s: float = setting(5.0, "s", "set down, not carried past; found within 10 s", 0.5, 60)
    object_large: float = setting(0.02, "of the picture", "a chair, not a leaf", 0.001, 1)
    crawling_babies: bool = setting(False, "", "who comes on all fours is most often a cat")
    animal_quiet_s: float = setting(60.0, "s", "one visit, one entry", 1, 3600)
    pause_max_s: float = setting(900.0, "s", "at most 15 minutes", 60, 900)
    restart_s: float = setting(60.0, "s", "supervised outlives a restart this short", 0, 600)


@dataclass(frozen=True)
class AlarmSettings:
    """Escalation."""

    escalate_s: float = setting(30.0, "s", "unacknowledged this long: contacts and the real picture", 5, 300)
    repeat_s: float = setting(30.0, "s", "messages repeat until acknowledged", 10, 600)
    contact_step_s: float = setting(0.0, "s", "time between one contact and the next", 0, 300)


@dataclass(frozen=True)
class NotifySettings:
    """Messages to contacts, the siren of this machine, the sign of life."""

    send_s: float = setting(20.0, "s", "connect_s and read_s, and as long again for names and log-in", 1, 120)
    connect_s: float = setting(5.0, "s", "a phone's hotspot in a garden; Apprise's own 4 is short", 1, 60)
    read_s: float = setting(10.0, "s", "mail servers that check first answer in 2 to 8 s", 1, 60)
    retry_first_s: float = setting(2.0, "s", "first pause after a failure, doubled each time", 0.05, 60)
    retry_most_s: float = setting(30.0, "s", "as often as a new message comes (alarm.repeat_s)", 0.05, 600)
    attempts: int = setting(20, "", "eight minutes at least; repeats bring newer messages", 1, 1000)
    test_attempts: int = setting(2, "", "a person waits for the answer", 1, 10)
    sound_check_s: float = setting(3600.0, "s", "an unplugged loudspeaker is told the same day", 5, 86400)
    ping_s: float = setting(60.0, "s", "dead-man services take a minute as the shortest period", 5, 3600)
    ping_timeout_s: float = setting(10.0, "s", "as read_s", 1, 60)
    report_h: float = setting(7.0, "o'clock", "read at breakfast; half past seven is 7.5", 4, 11.5)
    report_retry_s: float = setting(300.0, "s", "20 attempts reach from breakfast to mid-morning", 1, 3600)


@dataclass(frozen=True)
class KeepSettings:
    """How long what happened is kept. Alarms longest: they are what one learns from, and is asked about."""

    events_days: float = setting(400.0, "days", "a summer can be compared with the last one", 1, 3650)
    events_most: int = setting(1_000_000, "rows", "300 MB; a busy pool has 2,000 a day", 1000, 100_000_000)
    alarms_days: float = setting(
        3650.0, "days", "claims after an injury: three years in most places", 30, 36500
    )
    deliveries_days: float = setting(
        400.0, "days", "as long as events: who was told, and whether it came", 7, 3650
    )
    audit_days: float = setting(
        800.0, "days", "who looked, two summers back; longer is a record of people", 30, 3650
    )
    clips_days: float = setting(
        30.0, "days", "what cameras for homes keep; longer is a record of people", 1, 3650
    )
    alarm_clips_days: float = setting(
        400.0, "days", "until next summer: what happened can be looked at again", 1, 3650
    )
    clips_gb: float = setting(
        20.0, "GB", "about 7,000 clips of 3 MB; a small disk still has room", 0.1, 10_000
    )
    clips_free_gb: float = setting(1.0, "GB", "the database and the system must always find room", 0.1, 1000)
    occupancy_days: float = setting(
        400.0, "days", "as long as events: one row a minute, 25 MB in that time", 7, 3650
    )
    memory_days: float = setting(90.0, "days", "a house that is closed for the winter is no restart", 1, 3650)
    every_s: float = setting(3600.0, "s", "an hour's events are forgotten within milliseconds", 60, 86400)
    batch: int = setting(
        500, "rows", "5 ms on an SD card's worth of disk: an alarm waits no longer", 1, 10_000
    )
    batches: int = setting(20, "a time", "a wrong date costs a few thousand rows, not a year", 1, 10_000)


@dataclass(frozen=True)
class RecordSettings:
    """Clips. Everything that is recorded costs its camera's worker time for each frame."""

    on: bool = setting(True, "", "who asks what happened wants to see it")
    before_s: float = setting(
        10.0, "s", "what led to it: a swimmer's last strokes, who opened the gate", 2, 60
    )
    after_s: float = setting(10.0, "s", "what came of it; more detections make the clip longer", 2, 60)
    longest_s: float = setting(
        120.0, "s", "a phone sends 10 MB; a longer happening goes on in the next", 30, 600
    )
    quiet_s: float = setting(
        600.0,
        "s",
        "an hour of play in Supervised leaves 6 clips of coming and going at most, 20 MB",
        0,
        86400,
    )
    width: int = setting(
        960, "px", "a face at the far side of a garden pool is a few pixels even so", 160, 1920
    )
    crf: int = setting(26, "x264", "between the default 23 and 28, at the quickest preset", 15, 40)
    kbit_s: int = setting(2500, "kbit/s", "rain and leaves would cost ten times a calm garden", 200, 20_000)
    segment_s: float = setting(
        2.0, "s", "a clip begins with a whole picture, at most this much early", 0.5, 10
    )
    queue: int = setting(4, "frames", "11 MB of 1280x720; what is more is left out of the clip", 1, 50)


@dataclass(frozen=True)
class Settings:
    """All sections. `Settings()` is the default set."""

    source: SourceSettings = SourceSettings()
    vision: VisionSettings = VisionSettings()
    openpose: OpenPoseSettings = OpenPoseSettings()
    topdown: TopDownSettings = TopDownSettings()
    track: TrackSettings = TrackSettings()
    monitor: MonitorSettings = MonitorSettings()
    rules: RuleSettings = RuleSettings()
    alarm: AlarmSettings = AlarmSettings()
    keep: KeepSettings = KeepSettings()
    record: RecordSettings = RecordSettings()
    notify: NotifySettings = NotifySettings()

    def with_values(self, values: Mapping[str, object]) -> Settings:
        """A copy with `{"section.field": value}` applied; SettingError names key and value."""
        changed = self
        for key, value in values.items():
            changed = _with_value(changed, key, value)
        return changed


def pairs_of(words: Sequence[str]) -> dict[str, object]:
    """`KEY=VALUE` words of a command line. SettingError names the word that is none."""
    pairs: dict[str, object] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise SettingError(f"--set {word!r}: KEY=VALUE is expected, for example track.lost_keep_s=5")
        pairs[key.strip()] = value.strip()
    return pairs


def _with_value(settings: Settings, key: str, value: object) -> Settings:
    section_name, _, name = key.partition(".")
    section = getattr(settings, section_name, None)
    found = [f for f in fields(section) if f.name == name] if section is not None else []
    if not found:
        raise SettingError(f"there is no setting {key!r} (a setting is named section.field)")
    checked = _checked(key, found[0], getattr(section, name), value)
    return replace(settings, **{section_name: replace(section, **{name: checked})})  # type: ignore[type-var, arg-type]


def _checked(key: str, spec: Field[Any], default: object, value: object) -> object:
    converted = _converted(key, default, value)
    low, high = spec.metadata.get("low"), spec.metadata.get("high")
    number = isinstance(converted, (int, float)) and not isinstance(converted, bool)
    if number and (not (low is None or converted >= low) or not (high is None or converted <= high)):
        unit = spec.metadata.get("unit", "")
        raise SettingError(f"{key} = {value!r} is out of range: {low} to {high} {unit}")
    return converted


def _converted(key: str, default: object, value: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
        return type(default)(value)  # type: ignore[call-arg]
    except (KeyError, TypeError, ValueError):
        raise SettingError(f"{key} = {value!r} is not a {type(default).__name__}") from None


def data_folder() -> Path:
    """Where the program keeps its data: POOLWATCH_DATA, or `data` in the current folder."""
    return Path(os.environ.get("POOLWATCH_DATA") or "data")
