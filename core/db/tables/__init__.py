"""The tables as SQLAlchemy sees them. `migrations/` makes them; a test shows that both say the same.

`public` holds the three tables of the earlier backend, adopted with their data; everything else is in `revelado`.
"""

from core.db.tables import audit, paid, people, pictures, queue, shop
from core.db.tables.columns import metadata

__all__ = ["audit", "metadata", "paid", "people", "pictures", "queue", "shop"]
