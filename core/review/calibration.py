"""What the inspection said and what people decided, side by side: the ground for changing a threshold, by hand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

#: The last verdict of each picture that stands. A restored version, or an undone batch, judges no picture by itself.
_LAST = """
    SELECT DISTINCT ON (d.picture_id) d.picture_id, d.action FROM revelado.decisions d
    WHERE d.undone_at IS NULL AND d.action IN ('approve', 'reject', 'redo', 'keep_original')
    ORDER BY d.picture_id, d.id DESC
"""
_COUNTED = """count(*) FILTER (WHERE action = 'approve') AS approved,
    count(*) FILTER (WHERE action IN ('reject', 'redo')) AS rejected,
    count(*) FILTER (WHERE action = 'keep_original') AS kept"""

_BY_VERDICT = text(f"""
    SELECT p.verdict AS said, {_COUNTED} FROM ({_LAST}) last JOIN revelado.pictures p ON p.id = last.picture_id
    GROUP BY 1 ORDER BY array_position(ARRAY['good', 'doubtful', 'bad'], p.verdict)
""")

#: Older reports have the codes alone.
_BY_FINDING = text(f"""
    SELECT code AS said, {_COUNTED} FROM ({_LAST}) last JOIN revelado.pictures p ON p.id = last.picture_id
    CROSS JOIN LATERAL (
        SELECT finding ->> 'code' AS code FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(p.report -> 'findings') = 'array' THEN p.report -> 'findings' ELSE '[]' END) finding
        UNION SELECT jsonb_array_elements_text(
            CASE WHEN jsonb_typeof(p.report -> 'doubts') = 'array' THEN p.report -> 'doubts' ELSE '[]' END)
    ) codes
    WHERE code IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1
""")


@dataclass(frozen=True)
class Row:
    """`said`: a verdict, or the code of a finding. None: the picture was never inspected."""

    said: str | None
    approved: int
    rejected: int  #: redone ones too
    kept: int  #: the original was kept instead

    @property
    def total(self) -> int:
        return self.approved + self.rejected + self.kept


@dataclass(frozen=True)
class Table:
    by_verdict: list[Row]
    by_finding: list[Row]

    @property
    def decided(self) -> int:
        return sum(row.total for row in self.by_verdict)


def table(engine: Engine) -> Table:
    with engine.connect() as connection:
        return Table(
            [Row(**row._mapping) for row in connection.execute(_BY_VERDICT)],
            [Row(**row._mapping) for row in connection.execute(_BY_FINDING)],
        )
