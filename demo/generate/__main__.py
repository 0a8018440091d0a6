"""`python -m demo.generate`: makes the demo catalogue's photos again."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from demo.generate.bad import save
from demo.generate.shots import SHOTS
from demo.generate.studio import SEED, photograph

PHOTOS = Path(__file__).parent.parent / "fotos"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.generate", description=__doc__)
    parser.add_argument("codes", nargs="*", help="articles to photograph (default: all)")
    parser.add_argument("--out", type=Path, default=PHOTOS, help="folder for the JPEGs")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--longer-side", type=int, help="pixels, for a quick look")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    unknown = set(chosen.codes) - set(SHOTS)
    if unknown:
        parser.error(f"no such article: {', '.join(sorted(unknown))}")
    for code in chosen.codes or SHOTS:
        began = time.monotonic()
        shot = SHOTS[code]
        image = photograph(code, shot, chosen.seed, chosen.longer_side)
        path = chosen.out / f"{code}.jpg"
        save(image, path, shot.orientation)
        print(
            f"{path.name}  {image.width}x{image.height}  {path.stat().st_size // 1024} kB  {time.monotonic() - began:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
