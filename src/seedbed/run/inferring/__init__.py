"""From tables to a model: what is gathered in one pass, what is looked at again, and how it becomes a document."""
