"""An outside client of doorstep that knows nothing but its address: the contract comes by reflection.

`Server` starts the real binary; `Client.call` takes and gives plain dictionaries in the proto3 JSON
form with snake-case names. It shares no code with the service.
"""

import atexit
import contextlib
import datetime
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = (
    "doorstep.v1.DecisionService",
    "doorstep.v1.HistoryService",
    "doorstep.v1.PolicyService",
)
# A debug build on a busy machine: long enough that only a hang reaches it.
PATIENCE_S = 60
# Every reason code that any answer of this run has named; `test_reasons` checks it off.
SEEN_CODES = {}


def binary():
    """The server under test."""
    named = os.environ.get("DOORSTEP_BIN")
    for path in [named] if named else [ROOT / "target/debug/doorstep"]:
        if pathlib.Path(path).exists():
            return str(path)
    sys.exit("no doorstep binary: run ./check, or name one with DOORSTEP_BIN")


class Failed(Exception):
    """A call that ended in another status than OK."""

    def __init__(self, code, message, violations=None, retry_after_s=None):
        super().__init__(f"{code}: {message} {violations or ''}")
        self.code = code
        self.message = message
        # Path of the field -> what is wrong with it.
        self.violations = violations or {}
        self.retry_after_s = retry_after_s

    @classmethod
    def of(cls, error):
        violations, retry = {}, None
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            status = status_pb2.Status.FromString(value)
            for detail in status.details:
                bad = error_details_pb2.BadRequest()
                info = error_details_pb2.RetryInfo()
                if detail.Unpack(bad):
                    for fault in bad.field_violations:
                        violations[fault.field] = fault.description
                elif detail.Unpack(info):
                    retry = info.retry_delay.seconds + info.retry_delay.nanos / 1e9
        return cls(error.code().name, error.details(), violations, retry)


class Client:
    """Calls by name, dictionaries in and out."""

    def __init__(self, target):
        self.target = target
        # Its own connection: no client of another test shares a channel with this one.
        self.channel = grpc.insecure_channel(
            target, options=[("grpc.use_local_subchannel_pool", 1)]
        )
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)
        self._methods = {}

    def close(self):
        self.channel.close()

    def method(self, name):
        """The descriptor of a method: `Decide`, or in full `grpc.health.v1.Health/Check`."""
        if name not in self._methods:
            services = SERVICES
            short = name
            if "/" in name:
                service, short = name.split("/")
                services = (service,)
            for service in services:
                found = self.pool.FindServiceByName(service).methods_by_name.get(short)
                if found is not None:
                    break
            else:
                raise KeyError(f"no service has a method {name}")
            self._methods[name] = found
        return self._methods[name]

    def message(self, name, fields):
        """The request of a method as a message."""
        message = message_factory.GetMessageClass(self.method(name).input_type)()
        return json_format.ParseDict(fields, message)

    def callable(self, name):
        """The method as grpcio's callable of messages."""
        method = self.method(name)
        answer = message_factory.GetMessageClass(method.output_type)
        return self.channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )

    def raw(self, name, payload, timeout=PATIENCE_S):
        """Sends bytes as they are; gives the bytes of the answer."""
        method = self.method(name)
        path = f"/{method.containing_service.full_name}/{method.name}"
        try:
            return self.channel.unary_unary(path)(payload, timeout=timeout)
        except grpc.RpcError as error:
            raise Failed.of(error) from None

    def call(self, name, request=None, timeout=PATIENCE_S, metadata=None):
        message = self.message(name, request or {})
        try:
            answer = self.callable(name)(message, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            raise Failed.of(error) from None
        return see(as_dict(answer))

    # Short forms of the calls that most tests make.

    def decide(self, order, **more):
        """The decision on an order."""
        return self.call("Decide", {"order": order, **more})["decision"]

    def preview(self, order, **more):
        """The policy's own answer: no draw, nothing recorded."""
        return self.decide(order, mode="MODE_PREVIEW", **more)

    def events(self, *events):
        """Records events, up to a thousand a call; gives the statuses without their prefix."""
        statuses = []
        for start in range(0, len(events), 1000):
            batch = list(events[start : start + 1000])
            answer = self.call("RecordEvents", {"events": batch})
            for event, result in zip(batch, answer["results"], strict=True):
                if result["event_id"] != event["event_id"]:
                    raise AssertionError(f"answered out of order: {result}, {event}")
                statuses.append(result["status"].removeprefix("EVENT_STATUS_"))
        return statuses

    def learn(self, *events):
        """Records events that must all be taken in."""
        for event, status in zip(events, self.events(*events), strict=True):
            if status not in ("RECORDED", "PENDING"):
                raise AssertionError(f"{status}: {event}")

    def get(self, order_id, **more):
        return self.call("GetDecision", {"order_id": order_id, **more})["decision"]

    def profile(self, **key):
        """Facts by name: value alone."""
        facts = self.call("GetProfile", key).get("facts", [])
        return {fact["name"]: fact.get("value", 0.0) for fact in facts}

    def list(self, **conditions):
        """All pages of ListDecisions."""
        found, token = [], ""
        while True:
            page = self.call("ListDecisions", {**conditions, "page_token": token})
            found += page.get("decisions", [])
            token = page.get("next_page_token", "")
            if not token:
                return found


def as_dict(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def see(answer):
    """Notes the reason codes in an answer, wherever they stand, with one order as example."""
    if isinstance(answer, dict):
        for reason in answer.get("reasons", []):
            SEEN_CODES.setdefault(reason["code"], answer.get("order_id"))
        for code in answer.get("infeasible_because", []):
            SEEN_CODES.setdefault(code, "infeasible")
        for value in answer.values():
            see(value)
    elif isinstance(answer, list):
        for value in answer:
            see(value)
    return answer


class Server:
    """The real binary on free ports with a data directory of its own."""

    def __init__(self, *options, clock="driven", data=None, env=None, prefix=()):
        self.made = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="doorstep-test-"))
        command = [
            *prefix,
            binary(),
            "serve",
            *("--listen", "127.0.0.1:0"),
            *("--metrics", "127.0.0.1:0"),
            *("--data", str(self.data)),
            *("--clock", clock),
            *map(str, options),
        ]
        self.log_path = self.data.with_suffix(".log")
        self._log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            cwd=ROOT,
            text=True,
        )
        atexit.register(self.kill)
        self.addresses = self._listen()
        self.target = self.addresses["grpc"]
        self.client = Client(self.target)

    def _listen(self):
        """Reads `grpc HOST:PORT` and `metrics HOST:PORT`, which say that it is ready."""
        lines = queue.Queue()

        def read():
            for line in self.process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        addresses = {}
        while set(addresses) != {"grpc", "metrics"}:
            try:
                line = lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                line = None
            if line is None:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log()}")
            name, address = line.split()
            addresses[name] = address
        self.lines = lines
        return addresses

    def log(self):
        """What it wrote to standard error so far."""
        return self.log_path.read_text(errors="replace")

    def stop(self, patience_s=PATIENCE_S):
        """SIGTERM, as an operator would; gives the exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience_s)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self._log.close()

    def forget(self):
        """Ends it and removes its data."""
        atexit.unregister(self.kill)
        self.client.close()
        self.kill()
        if self.made:
            shutil.rmtree(self.data, ignore_errors=True)
            self.log_path.unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.forget()


_shared = {}


def shared(*options):
    """One server for all tests that disturb nobody: ids of their own, and no moving of time."""
    if options not in _shared:
        _shared[options] = Server(*options)
        atexit.register(_shared[options].forget)
    return _shared[options]


def run(*arguments, check=None, **more):
    """Runs the binary to its end; gives the completed process."""
    done = subprocess.run(
        [binary(), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=ROOT,
        **more,
    )
    if check is not None and done.returncode != check:
        raise AssertionError(f"exit code {done.returncode}, not {check}:\n{done.stderr}")
    return done


@contextlib.contextmanager
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="doorstep-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def moment(text):
    """A time from its JSON form."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


# The day that the customer chose, as the texts name it; the one number that they may say.
PLANNED_DAY = re.compile(
    r" \(planned: (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} (January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\)"
)


def without_planned_day(text):
    """A customer text without the planned day of the customer's own order."""
    return PLANNED_DAY.sub("", text)
