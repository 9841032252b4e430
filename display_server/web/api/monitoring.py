"""Endpoints for machines: readiness and metrics."""

from flask import Response, current_app
from flask_openapi3 import APIBlueprint, Tag
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from display_server.services.kiosks.status import all_kiosks
from display_server.services.reporting.dashboard import all_queues
from display_server.services.reporting.health import Health as HealthCheck
from display_server.web.auth.authorization import site
from display_server.web.http.responses import json_response, problems

machines = APIBlueprint("machines", __name__, abp_tags=[Tag(name="machines")])


class Health(BaseModel):
    status: str


@machines.get("/healthz", responses={200: Health, **problems()})
def healthz() -> Response:
    """Ready: the database answers and keeps what is written, and the clock is not behind it."""
    health: HealthCheck = current_app.extensions["motcua_health"]
    health.check()
    return json_response(Health(status="ok"))


@machines.get("/metrics", responses={200: {"content": {"text/plain": {}}}, **problems()})
def metrics() -> Response:
    """Prometheus text."""
    registry = CollectorRegistry()
    watchers = Gauge("motcua_hall_watchers", "Screens and pages that watch a hall", ["centre_id"], registry=registry)
    for centre_id, count in site().hub.subscriber_counts().items():
        watchers.labels(str(centre_id)).set(count)
    Gauge("motcua_hall_publications", "Hall states encoded since the start", registry=registry).set(
        site().hub.broadcast_count()
    )
    behind = Gauge(
        "motcua_clock_behind_seconds", "Behind what was written last; 0: the clock is right", registry=registry
    )
    behind.set(site().clock_behind())
    _kiosk_gauges(registry)
    _queue_gauges(registry)
    return Response(generate_latest(REGISTRY) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _queue_gauges(registry: CollectorRegistry) -> None:
    names = ["centre", "department"]
    waiting = Gauge("motcua_waiting", "Visitors who wait in a queue", names, registry=registry)
    longest = Gauge(
        "motcua_longest_wait_seconds", "How long its first visitor has waited; 0 for nobody", names, registry=registry
    )
    for queue in all_queues(site()):
        waiting.labels(queue.centre, queue.department).set(queue.waiting)
        longest.labels(queue.centre, queue.department).set(queue.longest_seconds)


def _kiosk_gauges(registry: CollectorRegistry) -> None:
    names = ["centre_id", "kiosk"]
    problem = Gauge(
        "motcua_printer_problem", "1 while a kiosk's printer has it", [*names, "problem"], registry=registry
    )
    silent = Gauge("motcua_kiosk_silent_seconds", "Since the last report; 0 while on time", names, registry=registry)
    waiting = Gauge("motcua_kiosk_slips_waiting", "Slips not yet on paper", names, registry=registry)
    to_hand_in = Gauge("motcua_kiosk_to_hand_in", "Numbers the server has not got yet", names, registry=registry)
    for centre_id, kiosk in all_kiosks(site()):
        labels = (str(centre_id), kiosk.name)
        silent.labels(*labels).set(kiosk.silent_seconds)
        if kiosk.report is not None:
            waiting.labels(*labels).set(kiosk.report.slips_waiting)
            to_hand_in.labels(*labels).set(kiosk.report.to_hand_in)
            for name in kiosk.report.problems:
                problem.labels(*labels, name).set(1)
