"""One picture of a story into a file: `python -m dashboard.source.simulated STORY VIEW T out.png`."""

from __future__ import annotations

import sys

import cv2

from dashboard.source.simulated import StoryError, World, load_story, story_names
from dashboard.source.simulated.site import VIEWS


def main(arguments: list[str]) -> int:
    """Writes the picture; 2 when the arguments or the story are no good, 1 when it cannot be written."""
    try:
        story, view, seconds, target = arguments
        t = float(seconds)
        if view not in VIEWS:
            raise ValueError(view)
    except ValueError:
        print(f"usage: STORY VIEW T out.png; stories: {', '.join(story_names())}; views: {', '.join(VIEWS)}")
        return 2
    try:
        world = World(load_story(story))
    except StoryError as error:
        print(error)
        return 2
    if not cv2.imwrite(target, world.render(view, t % world.story.duration_s)):
        print(f"{target}: cannot be written")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
