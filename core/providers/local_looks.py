"""What the network says about a photo: two looks, as it is and made clearer.

The network sees 320 × 320 pixels and follows contrast: a wooden handle on a wooden bench it misses in the plain photo it
often finds in one with stretched contrast.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.pixels import NETWORK_SIDE, Box, Floats, Network, Pixels


def look(image: Image.Image, box: Box, network: Network) -> tuple[Floats, ...]:
    """Two looks at `box` of the photo, each (320, 320), 0–1."""
    view = np.asarray(image.resize((NETWORK_SIDE, NETWORK_SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0))
    return tuple(network(change(view)) for change in (np.ascontiguousarray, _contrasting))


def _contrasting(view: Pixels) -> Pixels:
    import cv2

    lab = cv2.cvtColor(view, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(3.0, (8, 8)).apply(lab[..., 0])
    lab[..., 1:] = ((lab[..., 1:].astype(np.float32) - 128) * 1.5 + 128).clip(0, 255)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
