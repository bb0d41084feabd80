"""The stop: one code among several parcels would tell which to steal, so whoever shares a door and a
day with another parcel never gets an OTP."""

from cases import Fresh, Shared
from orders import (
    again,
    at,
    codes,
    day,
    event,
    failed,
    handed_over,
    infeasible,
    item,
    loaded,
    order,
    placed,
    uid,
)


def neighbour(it, **changes):
    """An order of somebody else to the same door."""
    return again(it, customer_id=uid("cust"), **changes)


class Occupancy(Shared):
    def alone(self, it):
        decision = self.client.decide(it)
        self.action(decision, "OTP")
        self.assertNotIn("SEVERAL_PARCELS_AT_STOP", codes(decision))
        return decision

    def crowded(self, it):
        decision = self.client.decide(it)
        self.assertNotEqual(decision["action"], "ACTION_OTP")
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(decision, "OTP"))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", codes(decision))
        return decision

    def test_the_second_order_to_a_stop(self):
        it = order("laptop")
        self.alone(it)
        self.crowded(again(it))

    def test_the_second_order_of_somebody_else(self):
        it = order("laptop")
        self.alone(it)
        self.crowded(neighbour(it))

    def test_a_cheap_parcel_counts_as_much(self):
        it = order("book")
        self.client.decide(it)
        self.crowded(neighbour(it, items=[item("laptop")]))

    def test_several_parcels_of_one_order(self):
        self.crowded(order("laptop", expected_parcels=2))
        self.crowded(order("laptop", parcels=[{"parcel_id": "a"}, {"parcel_id": "b"}], expected_parcels=None))

    def test_another_day(self):
        it = order("laptop")
        self.alone(it)
        self.alone(neighbour(it, delivery={"expected_on": day(days=3)}))

    def test_another_address(self):
        it = order("laptop")
        self.alone(it)
        self.alone(again(it, delivery={"address_key": uid("addr")}))

    def test_without_a_date_three_days_either_way_are_one_stop(self):
        it = order("laptop", delivery={"expected_on": day(days=3)})
        self.alone(it)
        self.crowded(neighbour(it, delivery={"expected_on": None}))
        it = order("laptop", delivery={"expected_on": day(days=4)})
        self.alone(it)
        self.alone(neighbour(it, delivery={"expected_on": None}))

    def test_two_without_a_date_within_three_days(self):
        it = order("laptop", placed_at=at(days=-3), delivery={"expected_on": None})
        self.alone(it)
        self.crowded(neighbour(it, placed_at=at()))
        it = order("laptop", placed_at=at(days=-4), delivery={"expected_on": None})
        self.alone(it)
        self.alone(neighbour(it, placed_at=at()))

    def test_an_order_that_was_only_told_of(self):
        it = order("laptop")
        where = it["delivery"]["address_key"]
        self.client.learn(placed(uid("cust"), where, at(), expected_on=day(days=2)))
        self.crowded(it)

    def test_told_of_after_it_was_decided_it_counts_once(self):
        it = order("laptop")
        first = self.alone(it)
        told = placed(
            it["customer_id"],
            it["delivery"]["address_key"],
            at(),
            order_id=it["order_id"],
            expected_on=day(days=2),
        )
        self.client.learn(told)
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.assertEqual(self.client.profile(customer_id=it["customer_id"])["orders_24h"], 1)

    def test_told_of_before_it_was_decided_it_does_not_meet_itself(self):
        it = order("laptop")
        where = it["delivery"]["address_key"]
        self.client.learn(
            placed(it["customer_id"], where, at(), order_id=it["order_id"], expected_on=day(days=2))
        )
        self.alone(it)

    def test_its_own_earlier_revision_is_no_other_parcel(self):
        it = order("book")
        self.client.decide(it)
        self.alone({**it, "items": [item("laptop")]})

    def test_a_preview_occupies_nothing_and_sees_the_stop(self):
        it = order("laptop")
        self.client.preview(it)
        self.alone(neighbour(it))
        self.assertNotEqual(self.client.preview(it)["action"], "ACTION_OTP")

    def leaves(self, *make, **more):
        """After these events of the first order the stop is free."""
        it = order("laptop", **more)
        self.alone(it)
        self.client.learn(*[one(it["order_id"]) for one in make])
        self.alone(neighbour(it, expected_parcels=1))

    def stays(self, *make, **more):
        it = order("laptop", **more)
        self.client.decide(it)
        self.client.learn(*[one(it["order_id"]) for one in make])
        self.crowded(neighbour(it, expected_parcels=1))

    def test_a_cancelled_order_leaves(self):
        self.leaves(lambda it: event("order_cancelled", order_id=it))

    def test_a_parcel_handed_over_leaves(self):
        self.leaves(handed_over)

    def test_a_rerouted_order_leaves_and_stands_at_the_new_address(self):
        there = uid("addr")
        self.leaves(lambda it: event("order_rerouted", order_id=it, address_key=there))
        self.crowded(order("laptop", delivery={"address_key": there}))

    def test_a_parcel_on_its_way_stays(self):
        self.stays(loaded)

    def test_a_parcel_tried_in_vain_stays(self):
        self.stays(failed)

    def test_of_two_parcels_one_handed_over_the_other_stays(self):
        self.stays(handed_over, expected_parcels=2)

    def test_where_the_number_of_parcels_is_unknown_no_otp_is_possible(self):
        decision = self.client.decide(order(item("laptop", quantity=2), expected_parcels=None))
        self.assertNotEqual(decision["action"], "ACTION_OTP")
        self.assertIn("PARCELS_UNKNOWN", infeasible(decision, "OTP"))
        # One unit fits in one parcel.
        self.alone(order("laptop", expected_parcels=None))


class Leaving(Fresh):
    def test_an_expired_order_leaves(self):
        it = order("laptop", delivery={"expected_on": None})
        self.client.decide(it)
        self.client.learn(event("password_reset", at(days=15), customer_id=uid("clock")))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_EXPIRED")
        decision = self.client.decide(
            again(it, customer_id=uid("cust"), placed_at=at(days=2), delivery={"expected_on": None})
        )
        self.action(decision, "OTP")

    def test_a_dispatched_order_leaves_after_thirty_days_of_silence(self):
        it = order("laptop")
        self.client.decide(it)
        self.client.learn(loaded(it["order_id"], at(hours=1)))
        self.client.learn(event("password_reset", at(days=31), customer_id=uid("clock")))
        other = again(it, customer_id=uid("cust"), placed_at=at(days=31))
        self.action(self.client.decide(other), "OTP")

    def test_placed_again_after_it_expired_it_is_back_at_the_stop(self):
        it = order("laptop", delivery={"expected_on": None})
        self.client.decide(it)
        self.client.learn(event("password_reset", at(days=15), customer_id=uid("clock")))
        self.assertEqual(self.client.decide(it)["revision"], 2)
        other = again(it, customer_id=uid("cust"), placed_at=at(days=1))
        decision = self.client.decide(other)
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(decision, "OTP"))
