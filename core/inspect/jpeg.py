"""The finished file: sRGB JPEG, light enough for every marketplace, whose only metadata says how the picture was made."""

from __future__ import annotations

import io
from typing import Literal

from PIL import Image, ImageCms

#: Mercado Libre's and Amazon's limit, and just under that of Cloudinary's free plan.
MAX_BYTES = 10_000_000
QUALITY, LEAST_QUALITY = 92, 90
WHITE = (255, 255, 255)

DigitalSourceType = Literal[
    "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia", "algorithmicallyEnhanced"
]
#: Which pixels were kept (`core.inspect.studio`): the editor's own, the source's on the editor's ground, or a cut-out.
Used = Literal["made", "composite", "cutout"]

#: The vocabulary of the IPTC, which search engines and marketplaces read.
SOURCE_TYPE_URI = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: XMP alone: the IPTC's older format (IIM) has no field for the digital source type. Google reads it here, and it is
#: what Cloudinary's `fl_keep_iptc`, which keeps all metadata, carries into a transformed picture.
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{uri}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def source_type(used: Used, *, ai: bool) -> DigitalSourceType:
    """What the file says of itself. `ai`: the editor was a generative model.

    A picture whose every pixel a model drew is AI-generated, even after a photo: the one value that Google Merchant
    names (support.google.com/merchants/answer/14743464). Under the photo's own pixels, the model only augmented it.
    """
    if not ai or used == "cutout":
        return "algorithmicallyEnhanced"
    return "trainedAlgorithmicMedia" if used == "made" else "compositeWithTrainedAlgorithmicMedia"


def to_jpeg(
    image: Image.Image, *, digital_source_type: DigitalSourceType = "compositeWithTrainedAlgorithmicMedia"
) -> bytes:
    """`image`: RGB. At quality 92 or 90; where that isn't light enough, smaller rather than worse."""
    xmp = XMP.format(uri=SOURCE_TYPE_URI + digital_source_type).encode()
    plain = Image.new("RGB", image.size, WHITE)
    plain.paste(image)
    data = _encoded(plain, QUALITY, xmp)
    while len(data) >= MAX_BYTES:
        data = _encoded(plain, LEAST_QUALITY, xmp)
        shrink = min(0.97, (MAX_BYTES / len(data)) ** 0.5)
        plain = plain.resize((round(plain.width * shrink), round(plain.height * shrink)), Image.Resampling.LANCZOS)
    return data


def _encoded(image: Image.Image, quality: int, xmp: bytes) -> bytes:
    out = io.BytesIO()
    # Neither `optimize` nor `progressive`: Pillow gives them one byte a pixel, too little for a noisy photo.
    image.save(out, "JPEG", quality=quality, subsampling=0, xmp=xmp, icc_profile=SRGB)
    return out.getvalue()


def _srgb() -> bytes:
    """The same bytes at any hour: a new profile carries its time of birth (bytes 24–35), and files are named by hash."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    return bytes(profile)


SRGB = _srgb()
