"""OpenPose, bottom-up: key point maps and part affinity fields of a network to people.

Cao, Hidalgo, Simon, Wei, Sheikh: OpenPose, Realtime Multi-Person 2D Pose Estimation using Part Affinity
Fields, 2017 and 2019.
"""
