//! Who carries the order, what they can do, how it was ordered.

use super::Scene;
use super::items::yes_no;
use crate::decision::signal::{Signal, Signals};
use crate::decision::situation::CarrierAbility;
use crate::domain::catalogue::{CarrierFacts, Catalogue};
use crate::domain::order::Carrier;

pub(super) fn measure(scene: &Scene<'_>, signals: &mut Signals) {
    let session = &scene.order.session;
    let subcontracted = scene.order.carrier.subcontracted;
    signals.set(Signal::Subcontracted, subcontracted.map(yes_no));
    signals.set(Signal::NewDevice, session.new_device.map(yes_no));
    signals.set(Signal::StoredPayment, session.stored_payment.map(yes_no));
    let kind = session.payment_kind.map(|it| f64::from(it.number()));
    signals.set(Signal::PaymentKind, kind);
}

/// The order's own word on capabilities before the catalogue's; of the rest the depot's before the carrier's.
pub(super) fn ability(carrier: &Carrier, catalogue: &Catalogue) -> CarrierAbility {
    let facts = facts(carrier, catalogue);
    let told = !carrier.capabilities.is_empty();
    CarrierAbility {
        capabilities: if told {
            carrier.capabilities.clone()
        } else {
            facts.capabilities.clone()
        },
        code_ready: facts.code_ready,
        inspection_s: facts.inspection_s,
    }
}

fn facts<'a>(carrier: &Carrier, catalogue: &'a Catalogue) -> &'a CarrierFacts {
    let depot = || catalogue.depots.get(carrier.depot_id.as_ref()?);
    let own = || catalogue.carriers.get(carrier.carrier_id.as_ref()?);
    depot().or_else(own).unwrap_or(&catalogue.default_carrier)
}
