"""The checks document: what data of any origin should keep, by tables."""
