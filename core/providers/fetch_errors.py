"""Why a photo could not be got from its address."""

from __future__ import annotations

from core.errors import Permanent, ServiceTrouble


class AddressInvalid(Permanent):
    code = "address_invalid"
    message = "La dirección de la foto no es válida. Debe empezar con http:// o https://. Corríjala en el artículo."


class AddressNotPublic(Permanent):
    code = "address_not_public"
    message = (
        "La foto está en «{host}», que no es una dirección pública, así que no se descargó. "
        "Publíquela en Internet o pida a un administrador que permita esa dirección."
    )


class SourceGone(Permanent):
    code = "source_gone"
    message = "La foto ya no existe en su dirección (respuesta {status}). Cargue otra foto en el artículo."


class SourceForbidden(Permanent):
    code = "source_forbidden"
    message = "El sitio de la foto no permite descargarla (respuesta {status}). Cargue la foto en otro lugar."


class SourceRefused(Permanent):
    code = "source_refused"
    message = "El sitio de la foto dio una respuesta inesperada ({status}). Abra la dirección y revise si hay una foto."


class SourceTooBig(Permanent):
    code = "source_too_big"
    message = "La foto pesa más de {megabytes} MB. Redúzcala y vuelva a cargarla."


class TooManyRedirects(Permanent):
    code = "too_many_redirects"
    message = "La dirección de la foto lleva a otra, y esa a otra, sin llegar a una foto. Corríjala en el artículo."


class CertificateInvalid(Permanent):
    code = "certificate_invalid"
    message = "El certificado de seguridad de «{host}» no es válido. Avise a quien administra ese sitio."


class SourceUnavailable(ServiceTrouble):
    code = "source_unavailable"
    message = "El sitio de la foto no está disponible (respuesta {status}). Se vuelve a intentar solo."


class SourceUnreachable(ServiceTrouble):
    code = "source_unreachable"
    message = "No se pudo conectar con «{host}» para descargar la foto. Se vuelve a intentar solo."


class SourceTimedOut(ServiceTrouble):
    code = "source_timed_out"
    message = "La foto tardó más de {seconds} s en llegar. Se vuelve a intentar solo."
