"""Orders and events to test with: ordinary ones, of which a test changes what it is about.

Every id carries a serial number, so tests may share a server.
"""

import copy
import datetime
import itertools

NOW = datetime.datetime(2026, 6, 10, 12, 0, tzinfo=datetime.timezone.utc)
_serial = itertools.count(1)

ALL_CAPABILITIES = [
    "CAPABILITY_CODE",
    "CAPABILITY_PER_PARCEL_CODE",
    "CAPABILITY_LATE_REVEAL",
    "CAPABILITY_PHOTO",
    "CAPABILITY_GEOFENCE",
    "CAPABILITY_INSPECTION",
    "CAPABILITY_WEIGHT_CHECK",
]

# Category, price in cents, sides in mm, weight in g: as in the vectors of the reference answers.
GOODS = {
    "book": ("BOOK", 1500, (200, 140, 30), 400),
    "groceries": ("GROCERY", 8400, (400, 300, 300), 9000),
    "jacket": ("FASHION", 12000, (400, 300, 120), 1200),
    "drill": ("TOOL", 29000, (450, 350, 200), 4500),
    "fridge": ("APPLIANCE", 100000, (1800, 600, 600), 60000),
    "laptop": ("LAPTOP", 90000, (400, 300, 80), 2500),
    "console": ("CONSOLE", 50000, (450, 400, 150), 4500),
    "phone": ("PHONE", 89900, (180, 100, 60), 400),
    "ring": ("JEWELLERY", 250000, (100, 100, 50), 200),
    "camera": ("CAMERA", 80000, (250, 200, 180), 1800),
}


def uid(stem="x"):
    """An id nobody else uses."""
    return f"{stem}-{next(_serial)}"


def at(now=NOW, **shift):
    """A moment relative to `now`: `at(days=-3)`."""
    moment = now + datetime.timedelta(**shift)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(now=NOW, **shift):
    """A date relative to `now`."""
    return (now + datetime.timedelta(**shift)).date().isoformat()


def item(what="phone", **fields):
    category, price, (length, width, height), weight = GOODS[what]
    return {
        "item_id": what,
        "category": f"CATEGORY_{category}",
        "unit_price_minor": str(price),
        "quantity": 1,
        "length_mm": length,
        "width_mm": width,
        "height_mm": height,
        "weight_g": weight,
        "packaging": "PACKAGING_BOX",
        **fields,
    }


def contact(contact_id, kind="SMS", since=None, now=NOW, **fields):
    """A verified contact that has been the customer's for long, or since `since`."""
    since = since or at(now, days=-700)
    return {
        "contact_id": contact_id,
        "kind": f"CONTACT_KIND_{kind}",
        "verified": True,
        "verified_at": since,
        "changed_at": since,
        **fields,
    }


def locker(locker_id="locker-1", **fields):
    return {
        "locker_id": locker_id,
        "carrier_id": "carrier-a",
        "distance_m": 600,
        "max_length_mm": 600,
        "max_width_mm": 400,
        "max_height_mm": 400,
        "max_weight_g": 25000,
        "free_compartments": 6,
        "step_free": True,
        **fields,
    }


def order(*goods, now=NOW, **changes):
    """An order of a long-standing customer to a house, one parcel, every action possible.

    `changes` are merged in, objects field by field: `delivery={"gift": True}`.
    """
    made = {
        "order_id": uid("order"),
        "customer_id": uid("cust"),
        "placed_at": at(now),
        "currency_code": "EUR",
        "customer_since_at": at(now, days=-800),
        "items": [item(it) if isinstance(it, str) else it for it in goods or ("phone",)],
        "expected_parcels": 1,
        "delivery": {
            "address_key": uid("addr"),
            "address_type": "ADDRESS_TYPE_HOUSE",
            "address_added_at": at(now, days=-800),
            "expected_on": day(now, days=2),
            "country_code": "DE",
            "time_zone": "Europe/Berlin",
            "recipient_is_buyer": True,
        },
        "contacts": [],
        "carrier": {
            "carrier_id": "carrier-a",
            "depot_id": "depot-1",
            "route_id": "route-1",
            "capabilities": ALL_CAPABILITIES,
        },
        "lockers": [locker()],
    }
    made["contacts"] = [
        contact(f"sms-{made['customer_id']}", now=now, since=at(now, days=-790)),
        contact(f"mail-{made['customer_id']}", "EMAIL", now=now, since=at(now, days=-790)),
    ]
    return change(made, **changes)


def change(it, **changes):
    """A copy with changes; objects are merged, None removes."""
    it = copy.deepcopy(it)
    for key, value in changes.items():
        if value is None:
            it.pop(key, None)
        elif isinstance(value, dict) and isinstance(it.get(key), dict):
            it[key] = change(it[key], **value)
        else:
            it[key] = value
    return it


def again(it, **changes):
    """Another order of the same customer to the same address."""
    return change(it, order_id=uid("order"), **changes)


def smallest():
    """The order of contract.md that names only what is required to get every action."""
    customer = uid("cust")
    return {
        "order_id": uid("order"),
        "customer_id": customer,
        "currency_code": "EUR",
        "items": [{"unit_price_minor": "89900", "category": "CATEGORY_PHONE"}],
        "delivery": {"address_key": uid("addr")},
        "contacts": [
            {"contact_id": f"sms-{customer}", "kind": "CONTACT_KIND_SMS", "verified": True}
        ],
    }


def event(name, occurred_at=None, /, **fields):
    """One event: `event("password_reset", at(days=-1), customer_id="c1")`."""
    return {"event_id": uid("ev"), "occurred_at": occurred_at or at(), name: fields}


def placed(customer_id, address_key, when, amount_minor=6000, parcels=1, **fields):
    """An order Decide never saw."""
    return event(
        "order_placed",
        when,
        **{
            "order_id": uid("past"),
            "customer_id": customer_id,
            "address_key": address_key,
            "amount_minor": str(amount_minor),
            "currency_code": "EUR",
            "carrier_id": "carrier-a",
            "route_id": "route-1",
            "depot_id": "depot-1",
            "parcels": parcels,
            **fields,
        },
    )


def handed_over(order_id, when=None, parcel_id=None, role="UNATTENDED", **fields):
    return event(
        "parcel_handed_over",
        when,
        order_id=order_id,
        parcel_id=parcel_id or f"{order_id}-p1",
        recipient_role=f"RECIPIENT_ROLE_{role}",
        **fields,
    )


def failed(order_id, when=None, parcel_id=None, reason="NOBODY_HOME"):
    return event(
        "delivery_failed",
        when,
        order_id=order_id,
        parcel_id=parcel_id or f"{order_id}-p1",
        reason=f"FAILURE_REASON_{reason}",
    )


def loaded(order_id, when=None, parcel_id=None):
    return event(
        "parcel_scanned",
        when,
        order_id=order_id,
        parcel_id=parcel_id or f"{order_id}-p1",
        kind="SCAN_KIND_LOADED",
    )


def past_orders(customer_id, address_key, count=4, now=NOW, amount_minor=6000, **fields):
    """Orders of the past, a month apart, each delivered two days later."""
    events = []
    for back in range(1, count + 1):
        told = placed(
            customer_id,
            address_key,
            at(now, days=-30 * back),
            amount_minor,
            expected_on=day(now, days=-30 * back + 2),
            **fields,
        )
        past = told["order_placed"]["order_id"]
        events += [told, handed_over(past, at(now, days=-30 * back + 2))]
    return events


def loss(order_id, fault, when, settled=None, kind="NOT_RECEIVED", amount_minor=6000):
    """A claim and its settlement."""
    claim = uid("claim")
    return [
        event(
            "claim_opened",
            when,
            claim_id=claim,
            order_id=order_id,
            kind=f"CLAIM_KIND_{kind}",
            amount_minor=str(amount_minor),
            currency_code="EUR",
        ),
        event(
            "claim_settled",
            settled or when,
            claim_id=claim,
            fault=f"FAULT_{fault}",
            paid=fault != "CUSTOMER",
        ),
    ]


def losses(customer_id, address_key, fault, count=1, now=NOW, days=-60):
    """Orders that were lost by somebody's fault."""
    events = []
    for _ in range(count):
        told = placed(customer_id, address_key, at(now, days=days - 5))
        past = told["order_placed"]["order_id"]
        events += [told, handed_over(past, at(now, days=days - 2))]
        events += loss(past, fault, at(now, days=days), settled=at(now, days=days + 3))
    return events


def codes(decision):
    """The decision's reason codes."""
    return [reason["code"] for reason in decision.get("reasons", [])]


def cost(decision, action):
    """The cost line of an action, by its short name."""
    return next(it for it in decision["costs"] if it["action"] == f"ACTION_{action}")


def infeasible(decision, action):
    """Why an action is impossible; empty where it is possible."""
    line = cost(decision, action)
    because = line.get("infeasible_because", [])
    if line.get("feasible", False) == bool(because):
        raise AssertionError(f"feasible and reasons contradict: {line}")
    return because


def hazard(decision, name):
    return next(it for it in decision["hazards"] if it["hazard"] == f"HAZARD_{name}")
