"""The measurements: each gives counts that must be 0 and figures that are printed."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from display_server.selftest.scratch import Client, TemporaryServer, percentile

WATCHERS = 100
MOST_BEFORE_KILL = 1_000_000  # turns of each client; the kill ends them long before


@dataclass
class Findings:
    """`must_be_zero`: faults by name. `figures`: what was measured, with its unit in the name."""

    must_be_zero: dict[str, int] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def add_faults(self, **faults: int) -> None:
        for name, count in faults.items():
            self.must_be_zero[name] = self.must_be_zero.get(name, 0) + count


@dataclass
class Load:
    """What a crowd of clients did: their answers, and each answer's seconds."""

    answers: list[Any] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    def rate(self) -> float:
        return len(self.answers) / self.took


def run_concurrently(
    clients: int, each: int, make: Callable[[int], Client], act: Callable[[Client, int, int], Any]
) -> Load:
    """`clients` threads act `each` times, all at once; None as an answer ends its thread."""
    load = Load()
    lock, gate = threading.Lock(), threading.Barrier(clients + 1)

    def work(me: int) -> None:
        client = make(me)
        answers, seconds = [], []
        gate.wait()
        for turn in range(each):
            started = time.perf_counter()
            answer = act(client, me, turn)
            if answer is None:
                break
            seconds.append(time.perf_counter() - started)
            answers.append(answer)
        client.close()
        with lock:
            load.answers += answers
            load.seconds += seconds

    threads = [threading.Thread(target=work, args=(me,)) for me in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    load.took = time.perf_counter() - started
    return load


@contextmanager
def watchers(server: TemporaryServer, count: int = WATCHERS) -> Iterator[Callable[[], dict[int, tuple[float, int]]]]:
    """`count` plain watchers; call what is given for {seq: (when the last had it, how many had it)}."""
    command = [sys.executable, "-m", "display_server.selftest.watchers", str(server.port), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for above
    process.stdout.readline()

    def report() -> dict[int, tuple[float, int]]:
        process.stdin.write("report\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        rows = json.loads(process.stdout.readline())["calls"]  # type: ignore[union-attr]
        return {int(seq): (last, int(had)) for seq, last, had in rows}

    try:
        yield report
    finally:
        process.kill()
        process.communicate()


def issue_tickets(server: TemporaryServer, findings: Findings, clients: int, each: int) -> None:
    """Durable tickets per second, over all departments; numbers that repeat, numbers that are missing."""

    def take(client: Client, me: int, turn: int) -> Any:
        department = server.departments[(me + turn) % len(server.departments)]
        status, ticket = client.post("/api/v1/tickets", {"request_id": new_id(), "department": department})
        return ticket if status == HTTPStatus.CREATED else {"number": None, "status": status}

    load = run_concurrently(clients, each, lambda _: Client(server.port, server.kiosk_token), take)
    refused = sum(1 for ticket in load.answers if ticket["number"] is None)
    numbers = [ticket["number"] for ticket in load.answers if ticket["number"] is not None]
    findings.add_faults(repeated_numbers=len(numbers) - len(set(numbers)), refused_tickets=refused)
    findings.figures[f"tickets_per_second_{clients}_clients"] = load.rate()
    findings.figures[f"ticket_p50_ms_{clients}_clients"] = percentile(load.seconds, 0.5) * 1000
    findings.figures[f"ticket_p99_ms_{clients}_clients"] = percentile(load.seconds, 0.99) * 1000


def gaps(numbers: list[str]) -> int:
    """Numbers of the day that nobody got, though a later one of the same prefix was given."""
    series: dict[str, set[int]] = {}
    for number in numbers:
        prefix = number.rstrip("0123456789")
        series.setdefault(prefix, set()).add(int(number.removeprefix(prefix)))
    return sum(max(given) - len(given) for given in series.values())


def call_visitors(server: TemporaryServer, findings: Findings, clients: int, each: int) -> None:
    """Calls per second at as many counters, none of which runs dry; a visitor who is called by two of them."""
    codes = list(server.counter_tokens)
    _fill_lines(server, codes[:clients], each)

    def call(client: Client, me: int, _: int) -> Any:
        path = f"/api/v1/counters/{codes[me]}/call-next"
        status, answer = client.post(path, {"request_id": new_id()})
        return answer["call"] if status == HTTPStatus.OK else None

    load = run_concurrently(clients, each, lambda me: Client(server.port, server.counter_tokens[codes[me]]), call)
    called = Tally(call["ticket_id"] for call in load.answers)
    findings.add_faults(double_calls=sum(times - 1 for times in called.values()))
    findings.figures[f"calls_per_second_{clients}_clients"] = load.rate()
    findings.figures[f"call_p99_ms_{clients}_clients"] = percentile(load.seconds, 0.99) * 1000


def _fill_lines(server: TemporaryServer, codes: list[str], each: int) -> None:
    """So many visitors for each of these counters."""
    own = {one["code"]: one["departments"] for one in _counters(server)}

    def take(client: Client, me: int, turn: int) -> Any:
        department = own[codes[me]][turn % len(own[codes[me]])]
        return client.post("/api/v1/tickets", {"request_id": new_id(), "department": department})

    run_concurrently(len(codes), each, lambda _: Client(server.port, server.kiosk_token), take)


def race_for_one(server: TemporaryServer, findings: Findings, rounds: int) -> None:
    """Two counters of one queue press at the same moment: two visitors, or one of them is told that nobody waits."""
    pair = _sharing_pair(server)
    kiosk = Client(server.port, server.kiosk_token)
    department = pair[1]
    while _drain(server, pair[0][0]) is not None:
        pass
    for _ in range(rounds):
        kiosk.post("/api/v1/tickets", {"request_id": new_id(), "department": department})

        def press(client: Client, me: int, _: int) -> Any:
            path = f"/api/v1/counters/{pair[0][me]}/call-next"
            return client.post(path, {"request_id": new_id()})

        load = run_concurrently(2, 1, lambda me: Client(server.port, server.counter_tokens[pair[0][me]]), press)
        won = [answer for status, answer in load.answers if status == HTTPStatus.OK]
        findings.add_faults(double_calls=max(0, len(won) - 1), lost_calls=0 if won else 1)


def _sharing_pair(server: TemporaryServer) -> tuple[tuple[str, str], str]:
    counters = _counters(server)
    for one in counters:
        for other in counters:
            if one["code"] < other["code"] and one["departments"] == other["departments"]:
                return (one["code"], other["code"]), one["departments"][0]
    raise LookupError("no two counters share one queue in this centre")


def _counters(server: TemporaryServer) -> Any:
    client = Client(server.port, next(iter(server.counter_tokens.values())))
    return client.get("/api/v1/counters")[1]["counters"]


def _drain(server: TemporaryServer, counter: str) -> Any:
    client = Client(server.port, server.counter_tokens[counter])
    return client.post(f"/api/v1/counters/{counter}/call-next", {"request_id": new_id()})[1]


def calls_to_screens(server: TemporaryServer, findings: Findings, calls: int) -> None:
    """From the press to the last of 100 watchers; and calls that some watcher never saw, in bursts too."""
    codes = list(server.counter_tokens)
    clients = {code: Client(server.port, token) for code, token in server.counter_tokens.items()}
    kiosk = Client(server.port, server.kiosk_token)
    pressed: dict[int, float] = {}
    with watchers(server) as report:
        for turn in range(calls):
            code = codes[turn % len(codes)]
            _give_visitor(kiosk, clients[code], code)
            time.sleep(0.05)
            started = time.monotonic()
            status, answer = clients[code].post(f"/api/v1/counters/{code}/call-next", {"request_id": new_id()})
            if status == HTTPStatus.OK:
                pressed[answer["call"]["seq"]] = started
        burst = _burst(server, kiosk, clients, codes)
        time.sleep(0.5)
        seen = report()
    delays = [(seen[seq][0] - at) * 1000 for seq, at in pressed.items() if seq in seen]
    missed = sum(1 for seq in [*pressed, *burst] if seq not in seen or seen[seq][1] < WATCHERS)
    findings.add_faults(calls_never_shown=missed)
    findings.figures["call_to_last_of_100_watchers_p50_ms"] = percentile(delays, 0.5)
    findings.figures["call_to_last_of_100_watchers_p99_ms"] = percentile(delays, 0.99)


def _give_visitor(kiosk: Client, counter: Client, code: str) -> None:
    department = counter.get(f"/api/v1/counters/{code}")[1]["departments"][0]
    kiosk.post("/api/v1/tickets", {"request_id": new_id(), "department": department})


def _burst(server: TemporaryServer, kiosk: Client, clients: dict[str, Client], codes: list[str]) -> list[int]:
    eight = codes[:8]
    for code in eight:
        _give_visitor(kiosk, clients[code], code)

    def press(client: Client, me: int, _: int) -> Any:
        return client.post(f"/api/v1/counters/{eight[me]}/call-next", {"request_id": new_id()})[1]

    load = run_concurrently(len(eight), 1, lambda me: Client(server.port, server.counter_tokens[eight[me]]), press)
    return [answer["call"]["seq"] for answer in load.answers]


def killed_under_load(server: TemporaryServer, findings: Findings, clients: int, seconds: float) -> None:
    """Kill -9 while visitors take numbers and counters call; afterwards every acknowledged ticket and call is there."""
    codes = list(server.counter_tokens)
    callers = clients // 4

    def make(me: int) -> Client:
        return Client(server.port, server.counter_tokens[codes[me]] if me < callers else server.kiosk_token)

    def act(client: Client, me: int, turn: int) -> Any:
        department = server.departments[(me + turn) % len(server.departments)]
        path = f"/api/v1/counters/{codes[me]}/call-next" if me < callers else "/api/v1/tickets"
        try:
            status, answer = client.post(path, {"request_id": new_id(), "department": department})
        except OSError:
            return None  # killed: what was not acknowledged is not counted
        return answer or {"status": status}

    killer = threading.Timer(seconds, server.kill)
    killer.start()
    load = run_concurrently(clients, MOST_BEFORE_KILL, make, act)
    killer.join()
    server.start()
    client = Client(server.port, server.kiosk_token)
    findings.add_faults(lost_after_kill=sum(1 for answer in load.answers if _is_lost(client, answer)))
    findings.figures["acknowledged_before_kill"] = len(load.answers)


def _is_lost(client: Client, answer: Any) -> bool:
    call = answer.get("call")
    ticket_id = call["ticket_id"] if call else answer.get("id")
    if ticket_id is None:
        return False  # nobody was waiting
    status, found = client.get(f"/api/v1/tickets/{ticket_id}")
    if status != HTTPStatus.OK:
        return True
    if call is None:
        return bool(found["number"] != answer["number"])
    return not any((entry["details"] or {}).get("seq") == call["seq"] for entry in found["history"])


def new_id() -> str:
    return uuid.uuid4().hex
