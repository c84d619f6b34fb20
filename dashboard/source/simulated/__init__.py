"""A simulated site: stories in a garden with a pool, seen by two cameras, with the ground truth."""

from dashboard.source.simulated.checked import StoryError
from dashboard.source.simulated.loading import load_story, story_names
from dashboard.source.simulated.source import SimulatedSource
from dashboard.source.simulated.story import Story
from dashboard.source.simulated.world import TruePerson, TrueThing, Truth, World

__all__ = [
    "SimulatedSource",
    "Story",
    "StoryError",
    "TruePerson",
    "TrueThing",
    "Truth",
    "World",
    "load_story",
    "story_names",
]
