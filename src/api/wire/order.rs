//! An order as sent, checked into an order as known.

mod contacts;
mod items;
mod lockers;
#[cfg(test)]
mod tests;

use super::check::Check;
use super::{Accepts, Invalid, bounds, pb};
use crate::domain::ids::{
    AddressKey, CarrierId, ContactId, CustomerId, DepotId, OrderId, RouteId, SharedKey,
};
use crate::domain::order::{
    AddressType, Capability, Carrier, CountryCode, Delivery, Order, PaymentKind, Preferences,
    SecuredDrop, Session, Stage,
};
use crate::domain::units::Zone;

pub(super) use items::parcel_items;

/// Checks an order and sorts what is a set in it.
///
/// # Errors
/// Every fault, by its path from `order`.
pub fn order(message: pb::Order, accepts: &Accepts) -> Result<Order, Invalid> {
    let mut check = Check::new("order", accepts);
    let order = read(message, &mut check);
    check.finish(order)
}

/// The same, as part of a request.
pub(super) fn read(message: pb::Order, check: &mut Check<'_>) -> Option<Order> {
    let pb::Order {
        order_id,
        customer_id,
        placed_at,
        currency_code,
        stage,
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
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let customer_id = check.maybe_id("customer_id", &customer_id, CustomerId::try_new);
    let placed_at = check.past("placed_at", placed_at);
    check.dated(placed_at);
    check.need("currency_code", (!currency_code.is_empty()).then_some(()));
    let currency = check.currency("currency_code", &currency_code);
    let stage = check.one_of("stage", stage, "Stage", Stage::from_number);
    let customer_since_at = check.past("customer_since_at", customer_since_at);
    let items = items::items(items, check);
    let parcels = items::parcels(parcels, items.as_deref(), check);
    let expected_parcels = check.number("expected_parcels", expected_parcels, &bounds::PARCELS);
    let delivery = check.inside("delivery", |it| {
        self::delivery(delivery.unwrap_or_default(), it)
    });
    let contacts = contacts::contacts(contacts, check);
    let carrier = check.inside("carrier", |it| {
        self::carrier(carrier.unwrap_or_default(), it)
    });
    let lockers = check.each("lockers", lockers, bounds::LOCKERS_MAX, |it, _, one| {
        lockers::locker(one, it)
    });
    let preferences = check.inside("preferences", |it| {
        self::preferences(preferences.unwrap_or_default(), it)
    });
    let session = check.inside("session", |it| {
        self::session(session.unwrap_or_default(), it)
    });
    let mut order = Order {
        order_id: order_id?,
        customer_id,
        placed_at: placed_at.unwrap_or_else(|| check.accepts().now),
        currency: currency?,
        stage: stage.unwrap_or(Stage::Placed),
        customer_since_at,
        items: items?,
        parcels,
        expected_parcels,
        delivery: delivery?,
        contacts,
        carrier,
        lockers,
        preferences,
        session,
    };
    order.sort();
    Some(order)
}

fn delivery(message: pb::Delivery, check: &mut Check<'_>) -> Option<Delivery> {
    let pb::Delivery {
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
    } = message;
    let window_start_at = check.plan("window_start_at", window_start_at);
    let window_end_at = check.plan("window_end_at", window_end_at);
    if window_start_at
        .zip(window_end_at)
        .is_some_and(|(start, end)| end < start)
    {
        check.fault("window_end_at", "must not be before window_start_at");
    }
    let country_code = check.text(
        "country_code",
        country_code,
        |it| CountryCode::parse(it).is_some(),
        "must be two capital letters of ISO 3166-1",
    );
    let time_zone = check.text(
        "time_zone",
        time_zone,
        |it| it.len() <= 64 && Zone::named(it).is_some(),
        "must be a name of the IANA time-zone database, as in Europe/Berlin",
    );
    let kind = AddressType::from_number;
    Some(Delivery {
        address_type: check.one_of("address_type", address_type, "AddressType", kind),
        address_added_at: check.past("address_added_at", address_added_at),
        gift,
        recipient_is_buyer,
        visible_from_street,
        expected_on: check.day("expected_on", &expected_on),
        country_code: country_code.as_deref().and_then(CountryCode::parse),
        time_zone,
        window_start_at,
        window_end_at,
        address_key: check.id("address_key", &address_key, AddressKey::try_new)?,
    })
}

fn carrier(message: pb::Carrier, check: &mut Check<'_>) -> Carrier {
    let pb::Carrier {
        carrier_id,
        depot_id,
        route_id,
        capabilities,
        subcontracted,
    } = message;
    Carrier {
        carrier_id: check.maybe_id("carrier_id", &carrier_id, CarrierId::try_new),
        depot_id: check.maybe_id("depot_id", &depot_id, DepotId::try_new),
        route_id: check.maybe_id("route_id", &route_id, RouteId::try_new),
        capabilities: check.each(
            "capabilities",
            capabilities,
            bounds::CAPABILITIES_MAX,
            |it, _, number| it.one_of("", number, "Capability", Capability::from_number),
        ),
        subcontracted,
    }
}

fn preferences(message: pb::Preferences, check: &mut Check<'_>) -> Preferences {
    let pb::Preferences {
        cannot_use_codes,
        cannot_come_to_door,
        step_free_only,
        secured_drop,
        delegate_contact_id,
        locale,
    } = message;
    let (delegate, drop) = (delegate_contact_id, SecuredDrop::from_number);
    Preferences {
        cannot_use_codes,
        cannot_come_to_door,
        step_free_only,
        secured_drop: check.one_of("secured_drop", secured_drop, "SecuredDrop", drop),
        delegate_contact_id: check.maybe_id("delegate_contact_id", &delegate, ContactId::try_new),
        locale: check.text(
            "locale",
            locale,
            is_locale,
            "must be a BCP 47 language tag, as in de-AT",
        ),
    }
}

/// Subtags of 1 to 8 letters and digits with `-` between them, the first of letters alone; 35 characters at most.
fn is_locale(tag: &str) -> bool {
    let subtag = |it: &str| {
        (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let language = tag.split('-').next().unwrap_or_default();
    let named = language.len() >= 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    tag.len() <= 35 && named && tag.split('-').all(subtag)
}

fn session(message: pb::Session, check: &mut Check<'_>) -> Session {
    let pb::Session {
        new_device,
        password_reset_at,
        stored_payment,
        payment_kind,
        billing_matches_delivery,
        device_key,
        payment_key,
    } = message;
    let kind = PaymentKind::from_number;
    Session {
        new_device,
        password_reset_at: check.past("password_reset_at", password_reset_at),
        stored_payment,
        payment_kind: check.one_of("payment_kind", payment_kind, "PaymentKind", kind),
        billing_matches_delivery,
        device_key: check.maybe_id("device_key", &device_key, SharedKey::try_new),
        payment_key: check.maybe_id("payment_key", &payment_key, SharedKey::try_new),
    }
}
