"""Prometheus metrics of this process."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)

REGISTRY = CollectorRegistry()

HTTP_SECONDS = Histogram(
    "guanjia_http_request_seconds",
    "Time to answer an HTTP request",
    ["method", "route", "status"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CASES_FILED = Counter(
    "guanjia_cases_filed_total", "Cases filed", ["category", "channel"], registry=REGISTRY
)
TRANSITIONS = Counter(
    "guanjia_case_transitions_total", "Status changes of cases", ["to"], registry=REGISTRY
)
STATUS_QUERIES = Counter(
    "guanjia_status_queries_total", "Progress look-ups", ["result"], registry=REGISTRY
)

DELIVERIES = Counter(
    "guanjia_deliveries_total", "Tries to send a message", ["via", "outcome"], registry=REGISTRY
)
NOTICES = Counter(
    "guanjia_notices_total", "Lines of the dispatch log", ["channel", "outcome"], registry=REGISTRY
)


def exposition() -> tuple[bytes, str]:
    """All metrics in Prometheus text format, with its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
