"""Random checks: keyed, bound to the customer's open slot, both ways, and honest in their propensities."""

import hmac

from cases import Fresh, Shared
from orders import (
    again,
    at,
    change,
    codes,
    event,
    handed_over,
    item,
    losses,
    order,
    past_orders,
    uid,
)
from policies import SHIPPED, with_frequent_checks, written

EXPLORED = {"ACTION_NONE", "ACTION_OTP", "ACTION_ITEM_CODES"}


def check(decision):
    """The random check with nothing left out."""
    blank = {"drawn": False, "slot": 0, "counter": "0", "draw_micro": 0, "key_id": ""}
    return {**blank, **decision["random_check"]}


def micros(decision):
    return {it["action"]: it.get("micro", 0) for it in decision["propensities"]}


def place(decision):
    found = check(decision)
    return found["slot"], found["counter"], found["draw_micro"]


class Drawing(Fresh):
    options = ("--policy", SHIPPED)

    def many(self, goods, count=100, **changes):
        """Decisions on orders of as many customers."""
        orders = [order(goods, **changes) for _ in range(count)]
        answer = self.client.call("DecideBatch", {"requests": [{"order": it} for it in orders]})
        return list(zip(orders, [it["decision"] for it in answer["results"]], strict=True))

    def test_every_decision_says_how_probable_each_action_was(self):
        draws = []
        for goods in ["jacket", "console", "ring"]:
            for it, decision in self.many(goods):
                found = check(decision)
                draws.append(found["draw_micro"])
                shares = micros(decision)
                self.assertEqual(sum(shares.values()), 1_000_000)
                self.assertGreater(shares[decision["action"]], 0)
                own = self.client.preview(again(it, delivery={"address_key": uid("addr")}))["action"]
                for action, share in shares.items():
                    self.assertTrue(share == 0 or action in EXPLORED, shares)
                self.assertEqual(found["drawn"], own != decision["action"])
        self.assertGreater(len(set(draws)), len(draws) * 0.95, "draws are not all alike")
        self.assertTrue(all(0 <= it < 1_000_000 for it in draws))

    def test_sent_again_nothing_is_rolled_again(self):
        for it, decision in self.many("jacket", 20):
            self.assertEqual(self.client.decide(it)["random_check"], decision["random_check"])
            changed = self.client.decide(change(it, items=[item("book")]))
            self.assertEqual(place(changed), place(decision))

    def test_carts_roll_once_for_their_slot(self):
        it = order("jacket", stage="STAGE_CART")
        first = place(self.client.decide(it))
        for _ in range(5):
            self.assertEqual(place(self.client.decide(again(it))), first)

    def test_a_preview_draws_nothing(self):
        decision = self.client.preview(order("jacket"))
        self.assertFalse(decision.get("random_check", {}).get("drawn", False))
        shares = micros(decision)
        self.assertEqual(sum(shares.values()), 1_000_000)
        self.assertGreater(shares[decision["action"]], 0)

    def test_nothing_is_spared_where_a_suspicion_is_active(self):
        route = uid("route")
        self.client.learn(
            event("suspicion_raised", at(days=-1), suspicion_id=uid("s"), route_id=route, level=3)
        )
        for _, decision in self.many("camera", carrier={"route_id": route}):
            self.assertNotEqual(decision["action"], "ACTION_NONE")
            shares = micros(decision)
            self.assertEqual(shares["ACTION_NONE"], 0)

    def test_nothing_is_spared_inside_the_window_of_a_change(self):
        for _, decision in self.many("phone", session={"password_reset_at": at(hours=-2)}):
            shares = micros(decision)
            self.assertEqual(shares["ACTION_NONE"], 0)

    def test_an_infeasible_action_is_never_drawn(self):
        for _, decision in self.many("jacket", contacts=[]):
            self.assertEqual(decision["action"], "ACTION_NONE")
        for _, decision in self.many("jacket", expected_parcels=2):
            self.assertNotEqual(decision["action"], "ACTION_OTP")


class BothWays(Fresh):
    """With rates high enough to see it happen."""

    def setUp(self):
        self.options = ("--policy", with_frequent_checks())
        super().setUp()

    def unlucky(self, goods, count):
        """Orders to flats where parcels were stolen: somewhat risky."""
        orders = [order(goods, delivery={"address_type": "ADDRESS_TYPE_FLAT"}) for _ in range(count)]
        for it in orders:
            self.client.learn(*losses(uid("cust"), it["delivery"]["address_key"], "PORCH", 2))
        return orders

    def told(self, it):
        """What the customer hears of chance: one true sentence, one code."""
        basic = self.client.get(it["order_id"], view="DECISION_VIEW_BASIC")
        named = {r["code"]: r["customer_text"] for r in basic.get("reasons", [])}
        self.assertEqual(
            named.get("DOOR_CONFIRMATION"), "We confirm a share of all deliveries at the door."
        )
        self.assertFalse({"RANDOM_CHECK", "EARLIER_DRAW"} & named.keys())

    def drawn(self, goods, own, kind):
        changed = 0
        for it in self.unlucky(goods, 40):
            decision = self.client.decide(it)
            found = check(decision)
            shares = micros(decision)
            self.assertGreater(shares[decision["action"]], 0)
            self.assertEqual(sum(shares.values()), 1_000_000)
            if not found["drawn"]:
                self.action(decision, own)
                self.assertNotIn("RANDOM_CHECK", codes(decision))
            elif found["kind"] == kind:
                changed += 1
                self.assertNotEqual(decision["action"], f"ACTION_{own}")
                self.assertIn("RANDOM_CHECK", codes(decision))
                self.told(it)
        self.assertGreater(changed, 0)

    def test_some_are_verified_that_would_not_be(self):
        self.drawn("book", "NONE", "RANDOM_CHECK_KIND_VERIFIED")

    def test_some_are_spared_that_would_be_verified(self):
        self.drawn("jacket", "OTP", "RANDOM_CHECK_KIND_SPARED")

    def test_a_check_drawn_for_a_slot_stays_while_it_is_open(self):
        """Moved to a door where chance would verify nobody, the slot's earlier draw still holds."""
        held = 0
        for it in self.unlucky("book", 40):
            first = self.client.decide(it)
            moved = change(
                it,
                delivery={"address_key": uid("addr"), "address_type": "ADDRESS_TYPE_HOUSE"},
            )
            second = self.client.decide(moved)
            self.assertEqual(place(second), place(first))
            if check(first)["drawn"]:
                held += 1
                self.assertIn("EARLIER_DRAW", codes(second))
                self.assertEqual(second["action"], first["action"])
                self.told(it)
            else:
                self.action(second, "NONE")
        self.assertGreater(held, 0)


class Slots(Fresh):
    """One draw a customer and open slot; a slot is freed, its draw is kept until an order completes."""

    options = ("--policy", SHIPPED)

    def elsewhere(self, it, **changes):
        return again(it, delivery={"address_key": uid("addr")}, **changes)

    def test_each_open_order_has_a_slot_of_its_own(self):
        it = order("book")
        made = [self.client.decide(self.elsewhere(it)) for _ in range(4)]
        slots = [check(d)["slot"] for d in made]
        self.assertEqual(slots, list(range(slots[0], slots[0] + 4)))
        self.assertEqual(len({place(d) for d in made}), 4)

    def test_a_cancelled_order_frees_its_slot_and_the_draw_is_kept(self):
        it = order("book")
        first = self.client.decide(it)
        self.client.learn(event("order_cancelled", order_id=it["order_id"]))
        second = self.client.decide(self.elsewhere(it))
        self.assertEqual(place(second), place(first))

    def test_a_completed_order_frees_its_slot_and_counts(self):
        it = order("book")
        first = self.client.decide(it)
        self.client.learn(handed_over(it["order_id"]))
        second = self.client.decide(self.elsewhere(it))
        self.assertEqual(check(second)["slot"], check(first)["slot"])
        self.assertEqual(int(check(second)["counter"]), int(check(first)["counter"]) + 1)
        self.assertNotEqual(check(second)["draw_micro"], check(first)["draw_micro"])

    def test_an_expired_order_frees_its_slot_and_the_draw_is_kept(self):
        it = order("book", delivery={"expected_on": None})
        first = self.client.decide(it)
        self.client.learn(event("password_reset", at(days=15), customer_id=uid("clock")))
        second = self.client.decide(self.elsewhere(it, placed_at=at(days=15)))
        self.assertEqual(place(second), place(first))

    def test_a_guest_draws_by_payment_else_device_else_address(self):
        payment, device, where = uid("pay"), uid("dev"), uid("addr")
        guest = order("book", customer_id=None, customer_since_at=None)
        for session, delivery, other in [
            ({"payment_key": payment}, {}, {"address_key": uid("addr")}),
            ({"device_key": device}, {}, {"address_key": uid("addr")}),
            (None, {"address_key": where}, {}),
        ]:
            first = self.client.decide(again(guest, session=session, delivery=delivery))
            second = self.client.decide(again(guest, session=session, delivery={**delivery, **other}))
            self.assertEqual(check(second)["slot"], check(first)["slot"] + 1)

    def test_the_counter_knows_deliveries_of_the_past(self):
        it = order("book")
        self.client.learn(*past_orders(it["customer_id"], it["delivery"]["address_key"], 3))
        self.assertEqual(int(check(self.client.decide(it))["counter"]), 3)

    def test_an_honest_customer_does_not_pay_for_an_earlier_cart(self):
        # A dear cart first, a cheap order after: the policy's own answer is that of the order.
        for _ in range(40):
            cart = order("phone", stage="STAGE_CART")
            self.client.decide(cart)
            decision = self.client.decide(again(cart, stage="STAGE_PLACED", items=[item("book")]))
            alone = self.client.preview(order("book"))
            self.assertEqual(alone["action"], "ACTION_NONE")
            if not check(decision)["drawn"]:
                self.action(decision, "NONE")


class Keyed(Fresh):
    """The draw as anybody with the key computes it."""

    KEY = "df765ff8712715ac37081a7fe658231321068ea4e7e6d7034275890bde80fc83"

    def setUp(self):
        key = written("draw.key", self.KEY + "\n")
        key.chmod(0o600)
        self.options = ("--config", written("keyed.toml", f'draw_key_file = "{key}"\n'))
        super().setUp()

    def expected(self, unit, completed, slot):
        fields = ["draw/v1", "action", unit, str(completed), str(slot)]
        message = b"".join(len(it).to_bytes(4, "big") + it.encode() for it in fields)
        digest = hmac.new(bytes.fromhex(self.KEY), message, "sha256").digest()
        return int.from_bytes(digest[:8], "big") * 10**6 >> 64

    def test_the_draw_is_that_of_customer_completed_deliveries_and_slot(self):
        it = order("book")
        who = it["customer_id"]
        self.client.learn(*past_orders(who, it["delivery"]["address_key"], 2))
        for slot in range(3):
            decision = self.client.decide(again(it, delivery={"address_key": uid("addr")}))
            self.assertEqual(place(decision), (slot, "2", self.expected(who, 2, slot)))

    def test_a_guests_unit_is_the_key(self):
        pay, device, where = uid("pay"), uid("dev"), uid("addr")
        guest = order("book", customer_id=None, delivery={"address_key": where})
        for session, unit in [
            ({"payment_key": pay, "device_key": device}, pay),
            ({"device_key": device}, device),
            (None, where),
        ]:
            decision = self.client.decide(again(guest, session=session))
            found = check(decision)
            self.assertEqual(found["draw_micro"], self.expected(unit, 0, found["slot"]))


class Off(Shared):
    def test_switched_off_every_action_is_the_policys_own(self):
        for _ in range(30):
            decision = self.client.decide(order("jacket"))
            self.action(decision, "NONE")
            shares = micros(decision)
            self.assertEqual(shares["ACTION_NONE"], 1_000_000)
