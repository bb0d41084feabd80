//! What makes two orders, or two events, the same: a digest over their content.
//!
//! The content is written down field by field in one fixed form and hashed with SHA-256. An order's leaves out what
//! may differ between two calls for the same order: when it was placed, its stage, how many locker compartments are
//! free and how far they are. The form is named in its first bytes: a change of it is another version, because stored
//! digests are compared with new ones.

mod events;
mod form;
#[cfg(test)]
mod tests;

use super::order::{
    Carrier, Contact, Delivery, Item, Locker, Order, Parcel, PartialSize, Preferences, Session,
};
use super::units::Digest;
use form::Form;

pub use events::event_digest;

/// The digest of an order's content. The order is checked and sorted ([`Order::sort`]).
#[must_use]
pub fn content_digest(order: &Order) -> Digest {
    let Order {
        order_id,
        customer_id,
        placed_at: _,
        currency,
        stage: _,
        customer_since_at,
        items,
        parcels,
        expected_parcels,
        delivery,
        contacts,
        carrier,
        lockers,
        preferences,
        session,
    } = order;
    let mut form = Form::new("content/v1");
    form.text(order_id.as_str());
    form.maybe_text(customer_id.as_ref().map(|it| it.as_str()));
    form.text(currency.code());
    form.maybe(customer_since_at.map(|it| it.as_micros()));
    form.list(items, item);
    form.list(parcels, parcel);
    form.maybe(expected_parcels.map(i64::from));
    self::delivery(&mut form, delivery);
    form.list(contacts, contact);
    self::carrier(&mut form, carrier);
    form.list(lockers, locker);
    self::preferences(&mut form, preferences);
    self::session(&mut form, session);
    form.digest()
}

fn item(form: &mut Form, item: &Item) {
    let Item {
        item_id,
        // A line without an id is the line of its position: no content beside it.
        named: _,
        sku,
        category,
        merchant_category,
        unit_price_minor,
        quantity,
        size,
        serialised,
        age_restricted,
        hazardous,
        packaging,
    } = item;
    form.text(item_id.as_str());
    form.maybe_text(sku.as_ref().map(|it| it.as_str()));
    form.maybe(category.map(|it| it.number().into()));
    form.maybe_text(merchant_category.as_ref().map(|it| it.as_str()));
    form.number(*unit_price_minor);
    form.number((*quantity).into());
    self::size(form, size);
    form.maybe(serialised.map(i64::from));
    form.maybe(age_restricted.map(i64::from));
    form.maybe(hazardous.map(i64::from));
    form.maybe(packaging.map(|it| it.number().into()));
}

fn size(form: &mut Form, size: &PartialSize) {
    let PartialSize {
        length_mm,
        width_mm,
        height_mm,
        weight_g,
    } = size;
    for value in [length_mm, width_mm, height_mm, weight_g] {
        form.maybe(value.map(i64::from));
    }
}

fn parcel(form: &mut Form, parcel: &Parcel) {
    let Parcel {
        parcel_id,
        items,
        size,
    } = parcel;
    form.text(parcel_id.as_str());
    form.list(items, |form, (item_id, quantity)| {
        form.text(item_id.as_str());
        form.number((*quantity).into());
    });
    self::size(form, size);
}

fn delivery(form: &mut Form, delivery: &Delivery) {
    let Delivery {
        address_key,
        address_type,
        address_added_at,
        gift,
        recipient_is_buyer,
        visible_from_street,
        expected_on,
        country_code,
        time_zone,
        window_start_at,
        window_end_at,
    } = delivery;
    form.text(address_key.as_str());
    form.maybe(address_type.map(|it| it.number().into()));
    form.maybe(address_added_at.map(|it| it.as_micros()));
    form.maybe(gift.map(i64::from));
    form.maybe(recipient_is_buyer.map(i64::from));
    form.maybe(visible_from_street.map(i64::from));
    form.maybe(expected_on.map(|it| it.as_days().into()));
    form.maybe_text(country_code.as_ref().map(|it| it.code()));
    form.maybe_text(time_zone.as_deref());
    form.maybe(window_start_at.map(|it| it.as_micros()));
    form.maybe(window_end_at.map(|it| it.as_micros()));
}

fn contact(form: &mut Form, contact: &Contact) {
    let Contact {
        contact_id,
        kind,
        verified,
        verified_at,
        changed_at,
        replaced_at,
        recipient,
    } = contact;
    form.text(contact_id.as_str());
    form.number(kind.number().into());
    form.maybe(verified.map(i64::from));
    form.maybe(verified_at.map(|it| it.as_micros()));
    form.maybe(changed_at.map(|it| it.as_micros()));
    form.maybe(replaced_at.map(|it| it.as_micros()));
    form.maybe(recipient.map(i64::from));
}

fn carrier(form: &mut Form, carrier: &Carrier) {
    let Carrier {
        carrier_id,
        depot_id,
        route_id,
        capabilities,
        subcontracted,
    } = carrier;
    form.maybe_text(carrier_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(depot_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(route_id.as_ref().map(|it| it.as_str()));
    form.list(capabilities, |form, it| form.number(it.number().into()));
    form.maybe(subcontracted.map(i64::from));
}

fn locker(form: &mut Form, locker: &Locker) {
    let Locker {
        locker_id,
        carrier_id,
        distance_m: _,
        max,
        free_compartments: _,
        step_free,
    } = locker;
    form.text(locker_id.as_str());
    form.maybe_text(carrier_id.as_ref().map(|it| it.as_str()));
    size(form, max);
    form.maybe(step_free.map(i64::from));
}

fn preferences(form: &mut Form, preferences: &Preferences) {
    let Preferences {
        cannot_use_codes,
        cannot_come_to_door,
        step_free_only,
        secured_drop,
        delegate_contact_id,
        locale,
    } = preferences;
    form.number((*cannot_use_codes).into());
    form.number((*cannot_come_to_door).into());
    form.number((*step_free_only).into());
    form.maybe(secured_drop.map(|it| it.number().into()));
    form.maybe_text(delegate_contact_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(locale.as_deref());
}

fn session(form: &mut Form, session: &Session) {
    let Session {
        new_device,
        password_reset_at,
        stored_payment,
        payment_kind,
        billing_matches_delivery,
        device_key,
        payment_key,
    } = session;
    form.maybe(new_device.map(i64::from));
    form.maybe(password_reset_at.map(|it| it.as_micros()));
    form.maybe(stored_payment.map(i64::from));
    form.maybe(payment_kind.map(|it| it.number().into()));
    form.maybe(billing_matches_delivery.map(i64::from));
    form.maybe_text(device_key.as_ref().map(|it| it.as_str()));
    form.maybe_text(payment_key.as_ref().map(|it| it.as_str()));
}
