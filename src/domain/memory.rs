//! What of an order or event stays in the memory of its customer: values with their times, merged by minimum and
//! maximum, so that no order of arrival matters. Counts are the dossier's.

use super::event::Event;
use super::order::Order;
use super::profile::Customer;
use super::units::Timestamp;

/// Takes in what an order tells of its customer, at the time of receipt. Nothing of a guest is remembered: a guest has
/// no account whose values could change.
pub fn remember(customer: &mut Customer, order: &Order, now: Timestamp) {
    let _ = (customer, order, now);
}

/// Takes in what an event tells of its customer: changes of contacts, addresses and passwords, and the address of an
/// order that was placed elsewhere. Other events tell nothing.
pub fn remember_event(customer: &mut Customer, event: &Event) {
    let _ = (customer, event);
}
