"""What marketplaces ask of a main picture, checked on its measures alone: no account, no network.

Each sentence is a gettext msgid with `{named}` figures, worded so that it holds whether the rule is met or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from core.inspect.report import Report
from core.inspect.thresholds import THRESHOLDS

Market = Literal["mercado_libre", "google", "amazon"]
MARKETS: Mapping[Market, str] = {
    "mercado_libre": "Mercado Libre",
    "google": "Google Merchant",
    "amazon": "Amazon",
}

MERCADO_LIBRE = "developers.mercadolibre.com.ar/es_ar/trabajar-con-imagenes"
MERCADO_LIBRE_DIAGNOSIS = "developers.mercadolibre.com.ar/es_ar/diagnostico-de-imagenes"
GOOGLE = "support.google.com/merchants/answer/6324350"
GOOGLE_AI = "support.google.com/merchants/answer/14743464"
#: A third party's account of Seller Central, which needs an account to read.
AMAZON = "mercatuslab.com/blog/amazon-product-image-requirements"

#: How far the product's share may be from a rule's: its box is found to a few pixels, and a shadow may belong to it.
FILL_SLACK = 0.02
NOT_MEASURED = "No se midió en esta imagen. Vuelva a procesar el artículo, con la inspección completa, para saberlo."

Params = dict[str, int | str]
#: Whether the rule is met (None: not measured), the sentence, and its figures.
Judgement = tuple[bool | None, str, Params]


@dataclass(frozen=True)
class RuleResult:
    """One badge. `message` and `params` are the reason, to be translated; `why` is it in Spanish."""

    market: Market
    rule: str
    required: bool  #: obligatoria; else recomendada
    passed: bool
    message: str
    params: Params
    source: str

    @property
    def why(self) -> str:
        return self.message.format(**self.params)


@dataclass(frozen=True)
class Measured:
    """The picture as it is delivered. `ai_tagged`: the file says that AI made or edited it, or none did."""

    report: Report
    ai_tagged: bool
    media_type: str


class Check(Protocol):
    def judge(self, picture: Measured) -> Judgement: ...


@dataclass(frozen=True)
class Side:
    """Pixels. `shorter`: of the shorter side, else of the longer one; `most` bounds the longer one."""

    least: int = 0
    most: int = 0
    shorter: bool = True

    def judge(self, picture: Measured) -> Judgement:
        width, height = picture.report.width, picture.report.height
        size: Params = {"width": width, "height": height}
        if not (width and height):
            return None, NOT_MEASURED, {}
        if self.most:
            text = "Mide {width} × {height} píxeles. El lado más largo puede medir hasta {most}."
            return max(width, height) <= self.most, text, {**size, "most": self.most}
        if self.shorter:
            text = "Mide {width} × {height} píxeles. Se pide al menos {least} × {least}."
            return min(width, height) >= self.least, text, {**size, "least": self.least}
        text = "Mide {width} × {height} píxeles. Se pide un lado de al menos {least}."
        return max(width, height) >= self.least, text, {**size, "least": self.least}


@dataclass(frozen=True)
class Megapixels:
    most: int

    def judge(self, picture: Measured) -> Judgement:
        count = picture.report.width * picture.report.height / 1e6
        if not count:
            return None, NOT_MEASURED, {}
        text = "Tiene {megapixels} megapíxeles. El máximo es {most}."
        return count <= self.most, text, {"megapixels": round(count), "most": self.most}


@dataclass(frozen=True)
class Zoom:
    over: int  #: pixels of width

    def judge(self, picture: Measured) -> Judgement:
        if not picture.report.width:
            return None, NOT_MEASURED, {}
        text = "Mide {width} píxeles de ancho. Con más de {over}, quien compra puede acercar la imagen."
        return picture.report.width > self.over, text, {"width": picture.report.width, "over": self.over}


@dataclass(frozen=True)
class Fill:
    """Shares of the picture's longer side."""

    least: float
    most: float = 1.0

    def judge(self, picture: Measured) -> Judgement:
        report = picture.report
        if not report.span and not report.blank:
            return None, NOT_MEASURED, {}
        met = self.least - FILL_SLACK <= report.span <= self.most + FILL_SLACK
        shares: Params = {"share": round(report.span * 100), "least": round(self.least * 100)}
        if self.most < 1:
            text = "El producto ocupa el {share} % del lado. Se pide entre el {least} % y el {most} %."
            return met, text, {**shares, "most": round(self.most * 100)}
        return met, "El producto ocupa el {share} % del lado. Se pide el {least} % o más.", shares


@dataclass(frozen=True)
class White:
    """Near white counts: framing brings it to pure white, and JPEG may move it by a level."""

    def judge(self, picture: Measured) -> Judgement:
        share = picture.report.ring_white
        text = "El {share} % del borde es blanco. Se pide un fondo blanco puro."
        return share >= THRESHOLDS.least_ring_white, text, {"share": int(share * 100)}


@dataclass(frozen=True)
class NothingAdded:
    """Text, logos, watermarks and borders put over the photo. What the source already showed can't be told apart."""

    def judge(self, picture: Measured) -> Judgement:
        report = picture.report
        if report.new:
            text = "Aparece texto que la foto original no tenía: {words}."
            return False, text, {"words": ", ".join(f"«{word}»" for word in report.new)}
        if report.added is not None and report.added > THRESHOLDS.most_added:
            return False, "Aparece algo dibujado fuera del producto, que la foto original no tenía.", {}
        if report.mask_iou is None and not report.tokens_after:
            return None, NOT_MEASURED, {}
        return True, "No aparecen textos, logos ni marcas que la foto original no tuviera.", {}


@dataclass(frozen=True)
class File:
    formats: tuple[str, ...]  #: `JPEG`, `PNG` …

    def judge(self, picture: Measured) -> Judgement:
        format_ = picture.media_type.removeprefix("image/").upper()
        text = "El archivo es {format}. Se aceptan {formats}."
        return format_ in self.formats, text, {"format": format_, "formats": ", ".join(self.formats)}


@dataclass(frozen=True)
class Weight:
    megabytes: int

    def judge(self, picture: Measured) -> Judgement:
        size = picture.report.bytes
        if size is None:
            return None, NOT_MEASURED, {}
        text = "El archivo pesa {kilobytes} kB. El máximo es {most} MB."
        return size <= self.megabytes * 1_000_000, text, {"kilobytes": round(size / 1000), "most": self.megabytes}


@dataclass(frozen=True)
class Tagged:
    def judge(self, picture: Measured) -> Judgement:
        if picture.ai_tagged:
            return True, "El archivo declara cómo se hizo (IPTC DigitalSourceType).", {}
        return False, "La imagen se hizo con inteligencia artificial y el archivo no lo declara.", {}


@dataclass(frozen=True)
class Rule:
    market: Market
    code: str
    required: bool
    check: Check
    source: str


RULES: tuple[Rule, ...] = (
    Rule("mercado_libre", "minimum_size", True, Side(500), MERCADO_LIBRE),
    Rule("mercado_libre", "recommended_size", False, Side(1200), MERCADO_LIBRE),
    Rule("mercado_libre", "maximum_size", False, Side(most=1920), MERCADO_LIBRE),  # larger ones are reduced by them
    Rule("mercado_libre", "zoom", False, Zoom(800), MERCADO_LIBRE),
    Rule("mercado_libre", "fill", False, Fill(0.95), MERCADO_LIBRE),
    Rule("mercado_libre", "white_background", True, White(), MERCADO_LIBRE_DIAGNOSIS),
    Rule("mercado_libre", "text_logo", True, NothingAdded(), MERCADO_LIBRE_DIAGNOSIS),
    Rule("mercado_libre", "format", True, File(("JPEG", "PNG", "WEBP")), MERCADO_LIBRE),
    Rule("mercado_libre", "weight", True, Weight(10), MERCADO_LIBRE),
    # 100 × 100 until 31 January 2027; what is made today will be shown after that.
    Rule("google", "minimum_size", True, Side(500), GOOGLE),
    Rule("google", "recommended_size", False, Side(1500), GOOGLE),
    Rule("google", "maximum_size", True, Megapixels(64), GOOGLE),
    Rule("google", "fill", False, Fill(0.75, 0.90), GOOGLE),
    Rule("google", "white_background", False, White(), GOOGLE),
    Rule("google", "text_logo", True, NothingAdded(), GOOGLE),
    Rule("google", "format", True, File(("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")), GOOGLE),
    Rule("google", "weight", True, Weight(16), GOOGLE),
    Rule("google", "ai_tag", True, Tagged(), GOOGLE_AI),
    Rule("amazon", "minimum_size", True, Side(500, shorter=False), AMAZON),
    Rule("amazon", "zoom", False, Side(1000, shorter=False), AMAZON),
    Rule("amazon", "recommended_size", False, Side(1600, shorter=False), AMAZON),
    Rule("amazon", "maximum_size", True, Side(most=10_000), AMAZON),
    Rule("amazon", "fill", True, Fill(0.85), AMAZON),
    Rule("amazon", "white_background", True, White(), AMAZON),
    Rule("amazon", "text_logo", True, NothingAdded(), AMAZON),
    Rule("amazon", "format", True, File(("JPEG", "PNG", "TIFF", "GIF")), AMAZON),
)


def check(report: Report, *, ai_tagged: bool, media_type: str = "image/jpeg") -> list[RuleResult]:
    """Every rule of every marketplace, in the order of RULES. What wasn't measured doesn't count as met."""
    picture = Measured(report, ai_tagged, media_type)
    results = []
    for rule in RULES:
        met, message, params = rule.check.judge(picture)
        results.append(RuleResult(rule.market, rule.code, rule.required, bool(met), message, params, rule.source))
    return results


def summary(results: Iterable[RuleResult], market: Market) -> bool:
    """The market's badge: *cumple* when all that is required is met."""
    return all(result.passed for result in results if result.market == market and result.required)
