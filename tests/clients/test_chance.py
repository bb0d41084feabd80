"""Random checks: keyed, bound to the customer's open slot, both ways, and honest in their propensities."""

from cases import Fresh, Shared
from orders import (
    again,
    at,
    change,
    codes,
    event,
    handed_over,
    item,
    order,
    past_orders,
    uid,
)
from policies import SHIPPED

EXPLORED = {"ACTION_NONE", "ACTION_OTP", "ACTION_ITEM_CODES"}


def check(decision):
    """The random check with nothing left out."""
    blank = {"drawn": False, "slot": 0, "counter": "0", "draw_micro": 0, "key_id": ""}
    return {**blank, **decision["random_check"]}


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

    def test_both_ways_and_every_number_true(self):
        drawn = {"RANDOM_CHECK_KIND_VERIFIED": [], "RANDOM_CHECK_KIND_SPARED": []}
        draws = []
        for _ in range(12):
            if all(drawn.values()):
                break
            for goods in ["jacket", "console"]:
                for it, decision in self.many(goods):
                    found = check(decision)
                    draws.append(found["draw_micro"])
                    shares = {p["action"]: p.get("micro", 0) for p in decision["propensities"]}
                    self.assertEqual(sum(shares.values()), 1_000_000)
                    self.assertGreater(shares[decision["action"]], 0)
                    for action, share in shares.items():
                        self.assertTrue(share == 0 or action in EXPLORED, shares)
                    own = self.client.preview(it)["action"] if found["drawn"] else None
                    if found["drawn"]:
                        self.assertNotEqual(own, decision["action"])
                        drawn[found["kind"]].append((it, decision))
                    else:
                        self.assertNotIn("RANDOM_CHECK", codes(decision))
        for kind, found in drawn.items():
            self.assertTrue(found, f"no {kind} among {len(draws)} draws")
            for it, decision in found:
                self.assertIn("RANDOM_CHECK", codes(decision), kind)
                basic = self.client.get(it["order_id"], view="DECISION_VIEW_BASIC")
                for reason in basic.get("reasons", []):
                    self.assertNotIn(reason["code"], ("RANDOM_CHECK", "EARLIER_DRAW"))
                self.assertIn("DOOR_CONFIRMATION", codes(basic))
                text = next(r for r in basic["reasons"] if r["code"] == "DOOR_CONFIRMATION")
                self.assertEqual(
                    text["customer_text"], "We confirm a share of all deliveries at the door."
                )
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
        shares = {it["action"]: it.get("micro", 0) for it in decision["propensities"]}
        self.assertEqual(sum(shares.values()), 1_000_000)
        self.assertGreater(shares[decision["action"]], 0)

    def test_nothing_is_spared_where_a_suspicion_is_active(self):
        route = uid("route")
        self.client.learn(
            event("suspicion_raised", at(days=-1), suspicion_id=uid("s"), route_id=route, level=3)
        )
        for _, decision in self.many("camera", carrier={"route_id": route}):
            self.assertNotEqual(decision["action"], "ACTION_NONE")
            shares = {it["action"]: it.get("micro", 0) for it in decision["propensities"]}
            self.assertEqual(shares["ACTION_NONE"], 0)

    def test_nothing_is_spared_inside_the_window_of_a_change(self):
        for _, decision in self.many("phone", session={"password_reset_at": at(hours=-2)}):
            shares = {it["action"]: it.get("micro", 0) for it in decision["propensities"]}
            self.assertEqual(shares["ACTION_NONE"], 0)

    def test_an_infeasible_action_is_never_drawn(self):
        for _, decision in self.many("jacket", contacts=[]):
            self.assertEqual(decision["action"], "ACTION_NONE")
        for _, decision in self.many("jacket", expected_parcels=2):
            self.assertNotEqual(decision["action"], "ACTION_OTP")


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

    def test_a_draw_that_verified_stays_while_the_slot_is_open(self):
        """An order just too risky for its stratum's rate, made cheaper after: the earlier draw holds."""
        earlier = []
        for _ in range(8):
            orders = [order("jacket", delivery={"address_type": "ADDRESS_TYPE_FLAT"}) for _ in range(100)]
            self.client.call("DecideBatch", {"requests": [{"order": it} for it in orders]})
            cheaper = [change(it, items=[item("book")]) for it in orders]
            answer = self.client.call(
                "DecideBatch", {"requests": [{"order": it} for it in cheaper]}
            )
            for result in answer["results"]:
                decision = result["decision"]
                if "EARLIER_DRAW" in codes(decision):
                    earlier.append(decision)
        for decision in earlier:
            self.assertTrue(check(decision)["drawn"])
            self.assertIn(decision["action"], EXPLORED)


class Off(Shared):
    def test_switched_off_every_action_is_the_policys_own(self):
        for _ in range(30):
            decision = self.client.decide(order("jacket"))
            self.action(decision, "NONE")
            shares = {it["action"]: it.get("micro", 0) for it in decision["propensities"]}
            self.assertEqual(shares["ACTION_NONE"], 1_000_000)
