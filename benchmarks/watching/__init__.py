"""The panel as people see it, at a size that a shop reaches after years."""
