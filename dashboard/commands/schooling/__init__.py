"""Teaching and judging the classifier of poses: its data, its marks, its training."""
