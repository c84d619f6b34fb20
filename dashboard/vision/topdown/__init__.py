"""Top-down: a person detector, then a network on each person's crop that gives heat maps or SimCC vectors.

Xiao, Wu, Wei: Simple Baselines for Human Pose Estimation and Tracking, 2018. SimCC: Li and others, 2022.
"""
