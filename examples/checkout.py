#!/usr/bin/env python3
"""How a checkout asks doorstep, and what it does when nobody answers. Needs nothing but Python.

    examples/checkout.py order.json [HOST:PORT]

Our rule for the caller: where no decision comes, the customer never sees an error page. The order
is placed all the same; below a cap of value it goes out without a requirement, above it is held;
and the same call is sent again later. Sending it again is safe: the same order with the same
content is the same decision. Dispatch decides again in any case.
"""

import json
import sys
import urllib.error
import urllib.request

# What may go out undecided: put what you would lose without a blink.
CAP_MINOR = 30000
# A checkout does not wait longer than this.
PATIENCE_S = 0.5
# Statuses that mean "not now". All others are ours to mend: bad input is never sent again.
NOT_NOW = {"unavailable", "resource_exhausted", "deadline_exceeded"}


def decide(order, server="127.0.0.1:50051", patience_s=PATIENCE_S):
    """The decision on an order; None where the service cannot say just now."""
    request = urllib.request.Request(
        f"http://{server}/doorstep.v1.DecisionService/Decide",
        data=json.dumps({"order": order, "view": "DECISION_VIEW_BASIC"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=patience_s) as answer:
            return json.load(answer)["decision"]
    except urllib.error.HTTPError as refusal:
        fault = json.load(refusal)
        if fault["code"] in NOT_NOW:
            return None
        raise ValueError(f"{fault['code']}: {fault['message']}") from refusal
    except OSError:  # refused, reset, or too slow
        return None


def place(order, server="127.0.0.1:50051", later=None):
    """What the checkout does with the order: an action, or `HOLD` until a decision comes.

    `later` is your queue of calls to send again; anything with `append`.
    """
    decision = decide(order, server)
    if decision is not None:
        return decision["action"]
    if later is not None:
        later.append(order)
    value = sum(
        int(item["unit_price_minor"]) * item.get("quantity", 1) for item in order["items"]
    )
    return "ACTION_NONE" if value <= CAP_MINOR else "HOLD"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(place(json.load(file), *sys.argv[2:3]))
