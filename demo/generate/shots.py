"""How each article of the catalogue is photographed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.generate import products_electric as electric
from demo.generate import products_fixings as fixings
from demo.generate import products_hand as hand
from demo.generate import products_paint as colours
from demo.generate import products_plumbing as plumbing
from demo.generate import products_power as power
from demo.generate import products_safety as safety
from demo.generate import products_screws as screws
from demo.generate.parts import Item, gather


@dataclass(frozen=True)
class Shot:
    make: Callable[[], Item]
    surface: str
    size: tuple[int, int]
    azimuth: float = 10  #: degrees; turns the product in the picture
    elevation: float = 45  #: degrees; 90 looks straight down
    fill: float = 0.72
    roll: float = 0
    wall: str | None = None
    clutter: int = 0
    lamp: tuple[float, float] = (-55, 48)  #: azimuth and elevation, degrees
    exposure: float = 1.35
    grain: float = 1.0  #: how coarse the surface is, beside its natural size
    orientation: int = 1
    dark: bool = False


def _plugs() -> Item:
    tones = ("c33a2b", "c33a2b", "c9c9c4", "c33a2b", "c33a2b", "c9c9c4")
    return screws.scatter([fixings.wall_plug(0.8, 4, tone) for tone in tones], 8, 3.6, 2.3)


def _bolts() -> Item:
    return gather(
        [
            screws.hex_bolt(0.95, 5.1).turn("z", 25).rest(),
            screws.hex_bolt(0.95, 5.1).turn("z", 205).rest().move(3.5, -2.2),
        ]
    )


def _masking() -> Item:
    flat = colours.tape(5.2, 3.9, 2.4, "e2cf98", "d8c9a8", 0.8).rest()
    upright = colours.tape(5.2, 3.9, 2.4, "e2cf98", "d8c9a8", 0.8).turn("x", 90).turn("z", 24).rest()
    return gather([flat, upright.move(8.5, 5)])


def _insulating() -> Item:
    roll = lambda c: colours.tape(3.3, 1.9, 1.9, c, "e8e6df", 0.35, electric.tape_label()).rest()  # noqa: E731
    return gather([roll("151517"), roll("151517").move(z=1.9), roll("1d3f94").move(6.2, -2.2)])


def _anchors() -> Item:
    return gather(
        [fixings.wedge_anchor(1, 8).turn("z", 15).rest(), fixings.wedge_anchor(1, 8).turn("z", 40).rest().move(1, -4)]
    )


def _eyes() -> Item:
    return gather(
        [fixings.eye_bolt().turn("x", 70).turn("z", 20).rest(), fixings.hook().turn("z", 70).rest().move(4, -3)]
    )


def _drywall_and_taps() -> Item:
    return screws.scatter([screws.tek_screw(0.48, 1.9) for _ in range(7)], 21, 3.0, 2.1)


def _enamel() -> Item:
    label = colours.paint_label("CROMALUX", "ESMALTE SINTÉTICO AZUL", (28, 70, 160), "1 L", "7791234567890")
    return colours.can(5.4, 12, label)


def _latex() -> Item:
    label = colours.paint_label("MURALINA", "LÁTEX BLANCO MATE", (46, 140, 110), "1 galón · 3,785 L", "7791234500017")
    return colours.can(8.4, 19, label)


#: Lamps on the camera's side, for things that stand in front of a wall.
FRONT_LEFT, FRONT_RIGHT = (-135.0, 42.0), (135.0, 42.0)

SHOTS: dict[str, Shot] = {
    "TOR-001": Shot(_bolts, "light_wood", (1020, 764), 12, 46, clutter=3),
    "TOR-002": Shot(
        lambda: screws.scatter([screws.wood_screw(0.4, 4) for _ in range(6)], 4, 3.4, 2.2),
        "denim",
        (936, 764),
        5,
        62,
        clutter=3,
    ),
    "TOR-003": Shot(
        lambda: screws.scatter([screws.nut(1.27) for _ in range(3)], 3, 1.8, 2.6),
        "gravel",
        (936, 696),
        10,
        55,
        0.55,
        clutter=3,
    ),
    "TOR-004": Shot(
        lambda: screws.scatter([screws.washer(1, 2.2) for _ in range(6)], 5, 3.2, 2.5),
        "bench",
        (848, 848),
        0,
        58,
        clutter=3,
    ),
    "TOR-005": Shot(
        lambda: gather([screws.rod(0.8, 24).rest(), screws.rod(0.8, 24).turn("z", 7).rest().move(1, 2.6)]),
        "cardboard",
        (1192, 680),
        24,
        48,
        0.9,
    ),
    "TOR-006": Shot(
        lambda: gather([screws.wing_nut(0.63).rest(), screws.wing_nut(0.63).turn("z", 70).rest().move(2.6, 1.6)]),
        "canvas",
        (764, 648),
        20,
        42,
        clutter=3,
    ),
    "TOR-007": Shot(
        lambda: gather(
            [screws.socket_screw(0.8, 3).rest(), screws.socket_screw(0.8, 3).turn("z", 130).rest().move(3.4, 2)]
        ),
        "concrete",
        (848, 648),
        0,
        45,
        lamp=(40, 40),
        clutter=3,
    ),
    "TOR-008": Shot(_drywall_and_taps, "dark_wood", (936, 748), 10, 60, clutter=3, dark=True),
    "HMA-001": Shot(hand.hammer, "old_planks", (1104, 764), -25, 55, 0.85, clutter=3),
    "HMA-002": Shot(lambda: hand.wrench("13"), "bench", (1020, 596), 28, 60, 0.85, lamp=(40, 55)),
    "HMA-003": Shot(hand.screwdriver, "plywood", (1020, 648), -32, 50, 0.85, clutter=3),
    "HMA-004": Shot(hand.pliers, "concrete", (764, 1020), 62, 58, 0.85, orientation=6, clutter=3),
    "HMA-005": Shot(
        hand.tape_measure, "light_wood", (848, 732), 12, 30, 0.7, clutter=3, wall="ochre_wall", lamp=FRONT_RIGHT
    ),
    "HMA-006": Shot(hand.handsaw, "floor_tiles", (1400, 840), 18, 62, 0.9),
    "HMA-007": Shot(hand.scraper, "cardboard", (848, 680), -40, 52, 0.8, lamp=(50, 45)),
    "HMA-008": Shot(hand.level, "plywood", (1192, 648), 22, 34, 0.9, wall="white_wall", lamp=FRONT_LEFT),
    "HEL-001": Shot(power.drill, "bench", (1020, 816), 8, 58, 0.85, clutter=3),
    "HEL-002": Shot(power.grinder, "concrete", (1020, 764), -18, 48, 0.85, clutter=3),
    "HEL-003": Shot(power.jigsaw, "old_planks", (936, 764), 12, 52, 0.85),
    "HEL-004": Shot(power.sander, "plywood", (848, 764), 14, 32, 0.8, clutter=3, lamp=(50, 45)),
    "HEL-005": Shot(power.bit_set, "denim", (808, 936), 12, 58, 0.82, clutter=3),
    "HEL-006": Shot(power.cutting_disc, "gravel", (848, 848), 14, 64, 0.66, grain=1.6),
    "HEL-007": Shot(power.sds_bit, "red_cloth", (1020, 596), -28, 55, 0.85),
    "HEL-008": Shot(lambda: power.drill("b8c41a", True), "floor_tiles", (764, 936), -10, 60, 0.85, lamp=(45, 50)),
    "PIN-001": Shot(_latex, "concrete", (764, 976), 8, 20, 0.72, wall="green_wall", lamp=FRONT_RIGHT),
    "PIN-002": Shot(
        _enamel,
        "light_wood",
        (732, 848),
        -14,
        24,
        0.7,
        clutter=3,
        wall="white_wall",
        lamp=FRONT_LEFT,
    ),
    "PIN-003": Shot(
        lambda: colours.spray("c21c1c", (190, 25, 30), "ROJO BRILLANTE"),
        "old_planks",
        (648, 936),
        6,
        16,
        0.78,
        wall="ochre_wall",
        lamp=FRONT_RIGHT,
    ),
    "PIN-004": Shot(colours.roller, "canvas", (848, 936), -20, 60, 0.85, clutter=3),
    "PIN-005": Shot(colours.brush, "plywood", (764, 1020), 28, 58, 0.85, clutter=2, orientation=8),
    "PIN-006": Shot(_masking, "dark_wood", (936, 732), 14, 34, 0.8),
    "PIN-007": Shot(colours.bucket, "floor_tiles", (816, 900), 14, 26, 0.74, wall="white_wall", lamp=FRONT_RIGHT),
    "PIN-008": Shot(colours.thinner_bottle, "bench", (648, 884), 0, 18, 0.74, wall="green_wall", lamp=FRONT_RIGHT),
    "PLO-001": Shot(plumbing.elbow, "white_wall", (848, 696), 20, 62, 0.6, exposure=1.3),
    "PLO-002": Shot(plumbing.tee, "red_cloth", (848, 732), 16, 48, 0.66),
    "PLO-003": Shot(plumbing.bib_tap, "floor_tiles", (764, 848), 10, 32, 0.76, clutter=3, grain=0.5),
    "PLO-004": Shot(plumbing.ball_valve, "bench", (936, 748), -16, 40, 0.8, lamp=(40, 48), clutter=3),
    "PLO-005": Shot(plumbing.ptfe, "gravel", (764, 696), 4, 48, 0.62),
    "PLO-006": Shot(plumbing.braided_hose, "concrete", (1104, 680), 10, 58, 0.92, clutter=3),
    "PLO-007": Shot(
        plumbing.pvc_glue, "old_planks", (696, 832), 6, 24, 0.68, clutter=3, wall="white_wall", lamp=FRONT_RIGHT
    ),
    "PLO-008": Shot(plumbing.hose_clamp, "denim", (848, 732), 22, 46, 0.72, clutter=3),
    "ELE-001": Shot(electric.bulb, "canvas", (848, 680), 24, 42, 0.75, clutter=3),
    "ELE-002": Shot(electric.switch, "ochre_wall", (732, 884), 4, 76, 0.64, lamp=(-40, 38)),
    "ELE-003": Shot(electric.outlet, "light_wood", (240, 200), 14, 56, 0.7),
    "ELE-004": Shot(electric.cable_coil, "concrete", (936, 800), 0, 46, 0.82, clutter=2),
    "ELE-005": Shot(electric.breaker, "cardboard", (680, 848), 12, 62, 0.72, clutter=3),
    "ELE-006": Shot(electric.power_strip, "dark_wood", (1104, 732), 8, 52, 0.88, clutter=3),
    "ELE-007": Shot(_insulating, "bench", (848, 680), 10, 40, 0.78, clutter=3),
    "ELE-008": Shot(electric.torch, "old_planks", (936, 648), -64, 30, 0.8, dark=True),
    "FIJ-001": Shot(_plugs, "light_wood", (848, 732), 8, 60, clutter=3),
    "FIJ-002": Shot(_anchors, "concrete", (936, 696), 10, 52, 0.8, clutter=3),
    "FIJ-003": Shot(_eyes, "plywood", (848, 732), -8, 50, 0.76, clutter=3),
    "FIJ-004": Shot(fixings.bracket, "green_wall", (732, 816), -52, 52, 0.72, lamp=(40, 40)),
    "FIJ-005": Shot(lambda: fixings.nail_heap(34, 1), "old_planks", (936, 764), 0, 52, 0.8, clutter=0),
    "FIJ-006": Shot(fixings.chain, "gravel", (936, 800), 10, 54, 0.72, grain=1.3),
    "FIJ-007": Shot(fixings.carton, "bench", (936, 748), 14, 28, 0.8, wall="white_wall", lamp=FRONT_RIGHT),
    "FIJ-008": Shot(fixings.hinge, "red_cloth", (764, 764), 24, 60, 0.74),
    "SEG-001": Shot(safety.helmet, "bench", (936, 764), 24, 24, 0.74, wall="ochre_wall", lamp=FRONT_RIGHT),
    "SEG-002": Shot(safety.glasses, "plywood", (936, 680), 14, 34, 0.8, lamp=(35, 50), clutter=3),
    "SEG-003": Shot(safety.gloves, "concrete", (936, 764), 8, 62, 0.82, clutter=3),
    "SEG-004": Shot(safety.muffs, "light_wood", (848, 800), 18, 24, 0.78, wall="green_wall", lamp=FRONT_LEFT),
    "SEG-005": Shot(safety.dust_mask, "denim", (848, 732), 10, 56, 0.74, grain=1.3, clutter=3),
    "SEG-006": Shot(safety.vest, "floor_tiles", (848, 1020), 6, 66, 0.86),
    "SEG-007": Shot(safety.padlock, "dark_wood", (848, 680), 14, 54, 0.78, clutter=2),
    "SEG-008": Shot(safety.extinguisher, "concrete", (680, 1104), 10, 14, 0.82, wall="white_wall", lamp=FRONT_LEFT),
}
