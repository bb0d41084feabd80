//! An order's lines, parcels, contacts and places: to their stored messages and back.

use super::body::read_members;
use super::parts::{Broken, Reader, Writer, code, each, member, number, same_length};
use super::stored;
use crate::domain::ids::{AddressKey, CustomerId, OrderId};
use crate::domain::order::{
    Carrier, Contact, CountryCode, Delivery, Item, Locker, Order, Parcel, PartialSize, Preferences,
    Session, Stage,
};
use crate::domain::units::{Currency, Date, Timestamp};

/// What the row's columns say of an order.
pub(super) struct Columns {
    pub(super) order_id: OrderId,
    pub(super) customer_id: Option<CustomerId>,
    pub(super) address_key: AddressKey,
    pub(super) currency: Currency,
    pub(super) stage: Stage,
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_micros)
}

fn at(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// Fills the order's part of a message in, but for when it was placed.
pub(super) fn put<'a>(into: &mut stored::Personal, names: &mut Writer<'a>, order: &'a Order) {
    let Order {
        order_id: _,
        customer_id: _,
        placed_at: _,
        currency: _,
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
    into.customer_since_at = micros(*customer_since_at);
    into.items = items.iter().map(|it| item(names, it)).collect();
    into.parcels = parcels.iter().map(|it| parcel(names, it)).collect();
    into.expected_parcels = *expected_parcels;
    into.delivery = Some(put_delivery(delivery));
    into.contacts = contacts.iter().map(|it| contact(names, it)).collect();
    into.carrier = Some(put_carrier(names, carrier));
    into.lockers = lockers.iter().map(|it| locker(names, it)).collect();
    into.preferences = Some(put_preferences(names, preferences));
    into.session = Some(put_session(names, session));
}

fn item<'a>(names: &mut Writer<'a>, item: &'a Item) -> stored::Item {
    stored::Item {
        item: names.put(&item.item_id),
        named: item.named,
        sku: names.some(item.sku.as_ref()),
        category: code(item.category),
        merchant_category: names.some(item.merchant_category.as_ref()),
        unit_price_minor: item.unit_price_minor,
        quantity: item.quantity,
        size: size(item.size),
        serialised: item.serialised,
        age_restricted: item.age_restricted,
        hazardous: item.hazardous,
        packaging: code(item.packaging),
    }
}

/// A size, unless nothing of it is known.
pub(super) fn size(size: PartialSize) -> Option<stored::Size> {
    (size != PartialSize::default()).then_some(stored::Size {
        length_mm: size.length_mm,
        width_mm: size.width_mm,
        height_mm: size.height_mm,
        weight_g: size.weight_g,
    })
}

fn parcel<'a>(names: &mut Writer<'a>, parcel: &'a Parcel) -> stored::Parcel {
    stored::Parcel {
        parcel: names.put(&parcel.parcel_id),
        items: parcel.items.iter().map(|(id, _)| names.put(id)).collect(),
        quantities: parcel.items.iter().map(|(_, count)| *count).collect(),
        size: size(parcel.size),
    }
}

fn put_delivery(it: &Delivery) -> stored::Delivery {
    stored::Delivery {
        address_type: code(it.address_type),
        address_added_at: micros(it.address_added_at),
        gift: it.gift,
        recipient_is_buyer: it.recipient_is_buyer,
        visible_from_street: it.visible_from_street,
        expected_on: it.expected_on.map(Date::as_days),
        country_code: it
            .country_code
            .map_or_else(String::new, |it| it.code().to_owned()),
        time_zone: it.time_zone.clone(),
        window_start_at: micros(it.window_start_at),
        window_end_at: micros(it.window_end_at),
    }
}

fn contact<'a>(names: &mut Writer<'a>, it: &'a Contact) -> stored::Contact {
    stored::Contact {
        contact: names.put(&it.contact_id),
        kind: number(it.kind),
        verified: it.verified,
        verified_at: micros(it.verified_at),
        changed_at: micros(it.changed_at),
        replaced_at: micros(it.replaced_at),
        recipient: it.recipient,
    }
}

fn put_carrier<'a>(names: &mut Writer<'a>, it: &'a Carrier) -> stored::Carrier {
    stored::Carrier {
        carrier: names.some(it.carrier_id.as_ref()),
        depot: names.some(it.depot_id.as_ref()),
        route: names.some(it.route_id.as_ref()),
        capabilities: it.capabilities.iter().copied().map(number).collect(),
        subcontracted: it.subcontracted,
    }
}

fn locker<'a>(names: &mut Writer<'a>, it: &'a Locker) -> stored::Locker {
    stored::Locker {
        locker: names.put(&it.locker_id),
        carrier: names.some(it.carrier_id.as_ref()),
        distance_m: it.distance_m,
        max: size(it.max),
        free_compartments: it.free_compartments,
        step_free: it.step_free,
    }
}

fn put_preferences<'a>(names: &mut Writer<'a>, it: &'a Preferences) -> stored::Preferences {
    stored::Preferences {
        cannot_use_codes: it.cannot_use_codes,
        cannot_come_to_door: it.cannot_come_to_door,
        step_free_only: it.step_free_only,
        secured_drop: code(it.secured_drop),
        delegate: names.some(it.delegate_contact_id.as_ref()),
        locale: it.locale.clone(),
    }
}

fn put_session<'a>(names: &mut Writer<'a>, it: &'a Session) -> stored::Session {
    stored::Session {
        new_device: it.new_device,
        password_reset_at: micros(it.password_reset_at),
        stored_payment: it.stored_payment,
        payment_kind: code(it.payment_kind),
        billing_matches_delivery: it.billing_matches_delivery,
        device: names.some(it.device_key.as_ref()),
        payment: names.some(it.payment_key.as_ref()),
    }
}

/// Reads an order; `delivery` and `preferences` are those of the message, taken out.
pub(super) fn read(
    from: &stored::Personal,
    delivery: stored::Delivery,
    preferences: stored::Preferences,
    names: &Reader<'_>,
    columns: Columns,
) -> Result<Order, Broken> {
    let nobody = stored::Carrier::default();
    let carrier = from.carrier.as_ref().unwrap_or(&nobody);
    let session = from.session.unwrap_or_default();
    Ok(Order {
        order_id: columns.order_id,
        customer_id: columns.customer_id,
        placed_at: Timestamp::from_micros(from.placed_at),
        currency: columns.currency,
        stage: columns.stage,
        customer_since_at: at(from.customer_since_at),
        items: each(&from.items, |it| read_item(names, it))?,
        parcels: each(&from.parcels, |it| read_parcel(names, it))?,
        expected_parcels: from.expected_parcels,
        delivery: read_delivery(delivery, columns.address_key)?,
        contacts: each(&from.contacts, |it| read_contact(names, it))?,
        carrier: Carrier {
            carrier_id: names.some(carrier.carrier)?,
            depot_id: names.some(carrier.depot)?,
            route_id: names.some(carrier.route)?,
            capabilities: read_members(&carrier.capabilities)?,
            subcontracted: carrier.subcontracted,
        },
        lockers: each(&from.lockers, |it| read_locker(names, it))?,
        preferences: read_preferences(preferences, names)?,
        session: Session {
            new_device: session.new_device,
            password_reset_at: at(session.password_reset_at),
            stored_payment: session.stored_payment,
            payment_kind: member(session.payment_kind)?,
            billing_matches_delivery: session.billing_matches_delivery,
            device_key: names.some(session.device)?,
            payment_key: names.some(session.payment)?,
        },
    })
}

fn read_item(names: &Reader<'_>, it: &stored::Item) -> Result<Item, Broken> {
    Ok(Item {
        item_id: names.get(it.item)?,
        named: it.named,
        sku: names.some(it.sku)?,
        category: member(it.category)?,
        merchant_category: names.some(it.merchant_category)?,
        unit_price_minor: it.unit_price_minor,
        quantity: it.quantity,
        size: read_size(it.size),
        serialised: it.serialised,
        age_restricted: it.age_restricted,
        hazardous: it.hazardous,
        packaging: member(it.packaging)?,
    })
}

/// A size as read.
pub(super) fn read_size(size: Option<stored::Size>) -> PartialSize {
    let size = size.unwrap_or_default();
    PartialSize {
        length_mm: size.length_mm,
        width_mm: size.width_mm,
        height_mm: size.height_mm,
        weight_g: size.weight_g,
    }
}

fn read_parcel(names: &Reader<'_>, it: &stored::Parcel) -> Result<Parcel, Broken> {
    same_length(it.items.len(), it.quantities.len())?;
    let items = it.items.iter().zip(&it.quantities);
    Ok(Parcel {
        parcel_id: names.get(it.parcel)?,
        items: each(items, |(item, count)| Ok((names.get(*item)?, *count)))?,
        size: read_size(it.size),
    })
}

fn read_delivery(it: stored::Delivery, address_key: AddressKey) -> Result<Delivery, Broken> {
    let country_code = match it.country_code.as_str() {
        "" => None,
        code => Some(CountryCode::parse(code).ok_or(Broken)?),
    };
    Ok(Delivery {
        address_key,
        address_type: member(it.address_type)?,
        address_added_at: at(it.address_added_at),
        gift: it.gift,
        recipient_is_buyer: it.recipient_is_buyer,
        visible_from_street: it.visible_from_street,
        expected_on: it.expected_on.map(Date::from_days),
        country_code,
        time_zone: it.time_zone,
        window_start_at: at(it.window_start_at),
        window_end_at: at(it.window_end_at),
    })
}

fn read_contact(names: &Reader<'_>, it: &stored::Contact) -> Result<Contact, Broken> {
    Ok(Contact {
        contact_id: names.get(it.contact)?,
        kind: super::parts::of_number(it.kind)?,
        verified: it.verified,
        verified_at: at(it.verified_at),
        changed_at: at(it.changed_at),
        replaced_at: at(it.replaced_at),
        recipient: it.recipient,
    })
}

fn read_locker(names: &Reader<'_>, it: &stored::Locker) -> Result<Locker, Broken> {
    Ok(Locker {
        locker_id: names.get(it.locker)?,
        carrier_id: names.some(it.carrier)?,
        distance_m: it.distance_m,
        max: read_size(it.max),
        free_compartments: it.free_compartments,
        step_free: it.step_free,
    })
}

fn read_preferences(it: stored::Preferences, names: &Reader<'_>) -> Result<Preferences, Broken> {
    Ok(Preferences {
        cannot_use_codes: it.cannot_use_codes,
        cannot_come_to_door: it.cannot_come_to_door,
        step_free_only: it.step_free_only,
        secured_drop: member(it.secured_drop)?,
        delegate_contact_id: names.some(it.delegate)?,
        locale: it.locale,
    })
}
