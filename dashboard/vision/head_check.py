"""How like a head something is that was taken for one, asked of the face detector.

It was taught on faces, and a head from the side or from behind is still more like one than an arm or a knee
is. In photographs of two public sets the answer is 2.7 at the median of 14 heads, -2.0 of 107 joints of arms
and legs. Of small heads that look away it says less: -0.7 at 108 heads of pedestrians, 14 pixels long, -1.9
at their knees. So it helps to tell two people from one, not to say that a head is none.
"""

from __future__ import annotations

import cv2

from dashboard.geometry import Box
from dashboard.values import Image
from dashboard.vision import blazepose
from dashboard.vision.blazepose import Crop
from dashboard.vision.runtime import Network

SIDE = 128
# Sides of the squares around a head that are searched, in its lengths.
SQUARES = (2.0, 3.0)
# Of the picture's height. A skeleton's head is often far too small: smaller ones are asked about so large.
LEAST_LENGTH = 1 / 30
# Nothing is more or less like a head than this.
LEAST, MOST = -4.0, 3.0


class HeadCheck:
    """The face detector, asked only whether there is something like a face."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def log_odds(self, image: Image, head: Box) -> float:
        """How like a head what is at `head`, in pixels of `image`, is: the log odds of the surest finding in
        each of the squares, summed; `LEAST` to `MOST`."""
        left, top, right, bottom = head
        middle = (left + right) / 2, (top + bottom) / 2
        length = max(right - left, bottom - top, LEAST_LENGTH * image.shape[0])
        crops = [Crop(middle, side * length, 0.0) for side in SQUARES]
        pictures = [blazepose.cut(image, crop, SIDE, cv2.BORDER_CONSTANT) for crop in crops]
        tickets = [self._network.submit(picture) for picture in pictures]
        odds = sum(float(ticket.result()[0].max()) for ticket in tickets)
        return min(max(odds, LEAST), MOST)
