//! What happens in the demo, as events of the contract.

use super::moment::Moment;
use crate::api::wire::pb;
use pb::event::Kind;

/// An event before it has an id.
pub(super) type Happening = (Moment, Kind);

/// A parcel on its way.
#[derive(Clone, Debug)]
pub(super) struct Way {
    order_id: String,
    parcel_id: String,
    route_id: String,
    depot_id: String,
}

impl Way {
    /// The ways of all parcels of an order.
    pub(super) fn all(order: &pb::Order) -> Vec<Self> {
        let carrier = order.carrier.clone().unwrap_or_default();
        let way = |number: u32| Self {
            order_id: order.order_id.clone(),
            parcel_id: format!("{}-p{number}", order.order_id),
            route_id: carrier.route_id.clone(),
            depot_id: carrier.depot_id.clone(),
        };
        (1..=order.expected_parcels.unwrap_or(1)).map(way).collect()
    }

    fn courier(&self) -> String {
        format!("courier-{}", self.route_id)
    }

    pub(super) fn scanned(&self, at: Moment, kind: pb::ScanKind) -> Happening {
        let scan = pb::ParcelScanned {
            order_id: self.order_id.clone(),
            parcel_id: self.parcel_id.clone(),
            kind: kind.into(),
            seal_id: format!("seal-{}", self.parcel_id),
            depot_id: self.depot_id.clone(),
            route_id: self.route_id.clone(),
            courier_id: self.courier(),
            ..pb::ParcelScanned::default()
        };
        (at, Kind::ParcelScanned(scan))
    }

    pub(super) fn handed_over(&self, at: Moment, role: pb::RecipientRole) -> Happening {
        let handover = pb::ParcelHandedOver {
            order_id: self.order_id.clone(),
            parcel_id: self.parcel_id.clone(),
            courier_id: self.courier(),
            route_id: self.route_id.clone(),
            depot_id: self.depot_id.clone(),
            recipient_role: role.into(),
            ..pb::ParcelHandedOver::default()
        };
        (at, Kind::ParcelHandedOver(handover))
    }

    pub(super) fn failed(&self, at: Moment, reason: pb::FailureReason) -> Happening {
        let failed = pb::DeliveryFailed {
            order_id: self.order_id.clone(),
            parcel_id: self.parcel_id.clone(),
            reason: reason.into(),
            courier_id: self.courier(),
            route_id: self.route_id.clone(),
            ..pb::DeliveryFailed::default()
        };
        (at, Kind::DeliveryFailed(failed))
    }
}

/// Minor units of a whole order.
fn amount(order: &pb::Order) -> i64 {
    let line =
        |it: &pb::Item| it.unit_price_minor.unwrap_or(0) * i64::from(it.quantity.unwrap_or(1));
    order.items.iter().map(line).sum()
}

/// A claim that an order was not received.
pub(super) fn claimed(at: Moment, order: &pb::Order) -> Happening {
    let claim = pb::ClaimOpened {
        claim_id: claim_of(&order.order_id),
        order_id: order.order_id.clone(),
        kind: pb::ClaimKind::NotReceived.into(),
        amount_minor: Some(amount(order)),
        currency_code: order.currency_code.clone(),
        ..pb::ClaimOpened::default()
    };
    (at, Kind::ClaimOpened(claim))
}

/// How the claim about an order ended.
pub(super) fn settled(at: Moment, order_id: &str, fault: pb::Fault) -> Happening {
    let settled = pb::ClaimSettled {
        claim_id: claim_of(order_id),
        fault: fault.into(),
        paid: Some(fault != pb::Fault::Customer),
    };
    (at, Kind::ClaimSettled(settled))
}

fn claim_of(order_id: &str) -> String {
    format!("claim-{order_id}")
}

/// An order of the time before doorstep.
pub(super) fn placed(at: Moment, order: &pb::Order) -> Happening {
    let delivery = order.delivery.clone().unwrap_or_default();
    let carrier = order.carrier.clone().unwrap_or_default();
    let placed = pb::OrderPlaced {
        order_id: order.order_id.clone(),
        customer_id: order.customer_id.clone(),
        address_key: delivery.address_key,
        amount_minor: Some(amount(order)),
        currency_code: order.currency_code.clone(),
        carrier_id: carrier.carrier_id,
        route_id: carrier.route_id,
        depot_id: carrier.depot_id,
        expected_on: delivery.expected_on,
        parcels: order.expected_parcels,
    };
    (at, Kind::OrderPlaced(placed))
}

/// An order is cancelled by its customer.
pub(super) fn cancelled(at: Moment, order_id: &str, was_asked: bool) -> Happening {
    let cancelled = pb::OrderCancelled {
        order_id: order_id.to_owned(),
        by: pb::CancelledBy::Customer.into(),
        after_requirement_shown: Some(was_asked),
    };
    (at, Kind::OrderCancelled(cancelled))
}

/// A contact takes another's place.
pub(super) fn contact_changed(
    at: Moment,
    customer_id: &str,
    kind: pb::ContactKind,
    new: &str,
    old: &str,
) -> Happening {
    let changed = pb::ContactChanged {
        customer_id: customer_id.to_owned(),
        contact_id: new.to_owned(),
        previous_contact_id: old.to_owned(),
        kind: kind.into(),
        verified: Some(true),
    };
    (at, Kind::ContactChanged(changed))
}

/// A customer has a new address.
pub(super) fn address_changed(at: Moment, customer_id: &str, address_key: &str) -> Happening {
    let changed = pb::AddressChanged {
        customer_id: customer_id.to_owned(),
        address_key: address_key.to_owned(),
    };
    (at, Kind::AddressChanged(changed))
}

/// A concrete suspicion against a customer.
pub(super) fn suspected(at: Moment, customer_id: &str, level: u32) -> Happening {
    let raised = pb::SuspicionRaised {
        suspicion_id: format!("suspicion-{customer_id}"),
        customer_id: customer_id.to_owned(),
        level,
        evidence_ref: "case-4711".to_owned(),
        ..pb::SuspicionRaised::default()
    };
    (at, Kind::SuspicionRaised(raised))
}
