"""What each kind of check is about, in the dimensions of ODCS 3.1, and which kinds are grave."""

from __future__ import annotations

from seedbed.check.outcome import Dimension, Severity

_KINDS: dict[Dimension, str] = {
    "conformity": "table column_exists columns_match column_count type nullable schema_match "
    "range in_set not_in_set regex not_regex like length email phone url prefix suffix datetime_format parseable json_schema monotonic "
    "checksum compare_columns row_expression conditional enum state pattern format inequality rule state_path",
    "completeness": "not_null null missing null_share row_complete",
    "uniqueness": "primary_key unique unique_pair unique_within_row distinct_count distinct_share duplicate_rows",
    "accuracy": "min max mean median stddev sum quantile mode entropy weekend_share hour_profile dow_profile correlation drift fit outliers "
    "benford composite_effect mean_in_range seasonality fanout_mean",
    "consistency": "foreign_key orphan_parents cardinality capacity aggregate_match row_count_match temporal_order functional_dependency "
    "denial_constraint reconcile tree match",
    "timeliness": "freshness",
    "coverage": "row_count volume_anomaly gap sql",
}
_DIMENSION_OF: dict[str, Dimension] = {kind: dimension for dimension, kinds in _KINDS.items() for kind in kinds.split()}

_CRITICAL = frozenset({"table", "column_exists", "type", "primary_key", "foreign_key"})


def dimension_of(kind: str) -> Dimension:
    """The dimension of a kind; conformity for one that nobody has told of.

    >>> dimension_of("foreign_key")
    'consistency'
    """
    return _DIMENSION_OF.get(kind, "conformity")


def severity_of(kind: str) -> Severity:
    """How grave it is where a model's own promise of this kind is broken."""
    return "critical" if kind in _CRITICAL else "error"
