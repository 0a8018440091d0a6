from core.ui import audit_words


def test_an_entry_of_the_log_is_told_in_words() -> None:
    kept = {"batch": 1, "added": 8, "skipped": 0, "lane": "economy", "label": "", "trial": False}
    assert audit_words.details(kept) == "lote: 1; agregados: 8; salteados: 0; carril: Económica; prueba: no"
    assert audit_words.details({"why": "password"}) == "por qué: contraseña equivocada"
    assert audit_words.details({"action": "approve", "articulo_id": 3}) == "acción: Aprobó; artículo: 3"


def test_before_and_after_are_told_as_they_were_kept() -> None:
    assert (
        audit_words.details({"setting": "daily_budget", "before": "20", "after": None})
        == "ajuste: Tope por día (US$); 20 → —"
    )
    assert audit_words.details({"after": True}) == "— → sí"


def test_a_name_from_a_newer_version_stays_as_it_is() -> None:
    assert audit_words.details({"brand_new": "value"}) == "brand_new: value"
