//! Orders and events as lines of JSON, in the form of the public contract: snake-case names, enums by name, whole
//! numbers of 64 bits as text, times in RFC 3339. Written by hand, because a history has millions of lines.

use std::fmt::Write as _;

use crate::domain::event::{
    ClaimOpened, DeliveryFailed, Event, EventKind, OrderPlaced, ParcelHandedOver, ParcelScanned,
    Subject,
};
use crate::domain::order::{
    Carrier, Contact, Delivery, Item, Locker, Order, PartialSize, Preferences, Session,
};
use crate::domain::units::{Date, Timestamp};

/// One JSON object under way.
struct Object<'a> {
    out: &'a mut String,
    is_first: bool,
}

impl<'a> Object<'a> {
    fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self {
            out,
            is_first: true,
        }
    }

    fn close(self) {
        self.out.push('}');
    }

    fn name(&mut self, name: &str) {
        if !self.is_first {
            self.out.push(',');
        }
        self.is_first = false;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    /// A text of ids and names, which need no escapes; others get them.
    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        quoted(self.out, text);
    }

    fn text_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn member(&mut self, name: &str, prefix: &str, member: &str) {
        self.name(name);
        self.out.push('"');
        self.out.push_str(prefix);
        self.out.push_str(member);
        self.out.push('"');
    }

    fn member_if(&mut self, name: &str, prefix: &str, member: Option<&str>) {
        if let Some(member) = member {
            self.member(name, prefix, member);
        }
    }

    fn number(&mut self, name: &str, number: Option<u32>) {
        if let Some(number) = number {
            self.name(name);
            digits(self.out, i64::from(number));
        }
    }

    /// 64 bits, as text.
    fn long(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.name(name);
            self.out.push('"');
            digits(self.out, number);
            self.out.push('"');
        }
    }

    fn flag(&mut self, name: &str, flag: Option<bool>) {
        if let Some(flag) = flag {
            self.name(name);
            self.out.push_str(if flag { "true" } else { "false" });
        }
    }

    fn when(&mut self, name: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.name(name);
            time(self.out, at);
        }
    }

    fn on(&mut self, name: &str, on: Option<Date>) {
        if let Some(on) = on {
            self.name(name);
            self.out.push('"');
            date(self.out, i64::from(on.as_days()));
            self.out.push('"');
        }
    }

    fn size(&mut self, size: &PartialSize, names: [&str; 4]) {
        let [length, width, height, weight] = names;
        self.number(length, size.length_mm);
        self.number(width, size.width_mm);
        self.number(height, size.height_mm);
        self.number(weight, size.weight_g);
    }

    fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        let mut inner = Object::open(self.out);
        fill(&mut inner);
        inner.close();
    }

    fn list<T>(&mut self, name: &str, all: &[T], mut write: impl FnMut(&mut String, &T)) {
        if all.is_empty() {
            return;
        }
        self.name(name);
        for (place, one) in all.iter().enumerate() {
            self.out.push(if place == 0 { '[' } else { ',' });
            write(self.out, one);
        }
        self.out.push(']');
    }
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(is_plain) {
        out.push_str(text);
    } else {
        escaped(out, text);
    }
    out.push('"');
}

pub(super) fn digits(out: &mut String, number: i64) {
    let mut buffer = [0_u8; 20];
    let mut rest = number.unsigned_abs();
    let mut at = buffer.len();
    loop {
        at -= 1;
        if let Some(place) = buffer.get_mut(at) {
            *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.push_str(
        buffer
            .get(at..)
            .and_then(|it| std::str::from_utf8(it).ok())
            .unwrap_or("0"),
    );
}

/// Digits of a number below 100, put in their place.
fn two(text: &mut [u8], at: usize, number: i64) {
    let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or(0);
    if let Some(place) = text.get_mut(at..at + 2) {
        place.copy_from_slice(&[digit(number / 10), digit(number)]);
    }
}

/// Year, month and day of a day after 1970-01-01 (Hinnant's `civil_from_days`; `chrono-Compatible Low-Level Date
/// Algorithms`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// `YYYY-MM-DD`. No world is older than the year 0 or lasts until the year 10,000: dates know no such years.
fn date(out: &mut String, days: i64) {
    let mut text = *b"0000-00-00";
    put_date(&mut text, 0, days);
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
}

fn put_date(text: &mut [u8], at: usize, days: i64) {
    let (year, month, day) = civil(days);
    two(text, at, year / 100);
    two(text, at + 2, year);
    two(text, at + 5, month);
    two(text, at + 8, day);
}

fn time(out: &mut String, at: Timestamp) {
    let micros = at.as_micros();
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let of_day = seconds.rem_euclid(86_400);
    let mut text = *b"\"0000-00-00T00:00:00";
    put_date(&mut text, 1, seconds.div_euclid(86_400));
    two(&mut text, 12, of_day / 3_600);
    two(&mut text, 15, of_day / 60 % 60);
    two(&mut text, 18, of_day % 60);
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
    if micros > 0 {
        let _infallible = write!(out, ".{micros:06}");
    }
    out.push_str("Z\"");
}

/// Writes one order, without an end of line.
pub(super) fn order(out: &mut String, order: &Order) {
    let mut to = Object::open(out);
    to.text("order_id", order.order_id.as_str());
    to.text_if(
        "customer_id",
        order.customer_id.as_ref().map(|it| it.as_str()),
    );
    to.when("placed_at", Some(order.placed_at));
    to.text("currency_code", order.currency.code());
    to.member("stage", "STAGE_", order.stage.name());
    to.when("customer_since_at", order.customer_since_at);
    to.list("items", &order.items, item);
    to.number("expected_parcels", order.expected_parcels);
    to.object("delivery", |to| delivery(to, &order.delivery));
    to.list("contacts", &order.contacts, contact);
    to.object("carrier", |to| carrier(to, &order.carrier));
    to.list("lockers", &order.lockers, locker);
    to.object("preferences", |to| preferences(to, &order.preferences));
    to.object("session", |to| session(to, &order.session));
    to.close();
}

fn item(out: &mut String, item: &Item) {
    let mut to = Object::open(out);
    to.text("item_id", item.item_id.as_str());
    to.text_if("sku", item.sku.as_ref().map(|it| it.as_str()));
    to.member_if("category", "CATEGORY_", item.category.map(|it| it.name()));
    to.text_if(
        "merchant_category",
        item.merchant_category.as_ref().map(|it| it.as_str()),
    );
    to.long("unit_price_minor", Some(item.unit_price_minor));
    to.number("quantity", Some(item.quantity));
    to.size(
        &item.size,
        ["length_mm", "width_mm", "height_mm", "weight_g"],
    );
    to.flag("serialised", item.serialised);
    to.flag("age_restricted", item.age_restricted);
    to.flag("hazardous", item.hazardous);
    to.member_if(
        "packaging",
        "PACKAGING_",
        item.packaging.map(|it| it.name()),
    );
    to.close();
}

fn delivery(to: &mut Object<'_>, it: &Delivery) {
    to.text("address_key", it.address_key.as_str());
    to.member_if(
        "address_type",
        "ADDRESS_TYPE_",
        it.address_type.map(|it| it.name()),
    );
    to.when("address_added_at", it.address_added_at);
    to.flag("gift", it.gift);
    to.flag("recipient_is_buyer", it.recipient_is_buyer);
    to.flag("visible_from_street", it.visible_from_street);
    to.on("expected_on", it.expected_on);
    to.text_if("country_code", it.country_code.as_ref().map(|it| it.code()));
    to.text_if("time_zone", it.time_zone.as_deref());
    to.when("window_start_at", it.window_start_at);
    to.when("window_end_at", it.window_end_at);
}

fn contact(out: &mut String, it: &Contact) {
    let mut to = Object::open(out);
    to.text("contact_id", it.contact_id.as_str());
    to.member("kind", "CONTACT_KIND_", it.kind.name());
    to.flag("verified", it.verified);
    to.when("verified_at", it.verified_at);
    to.when("changed_at", it.changed_at);
    to.when("replaced_at", it.replaced_at);
    to.flag("recipient", it.recipient);
    to.close();
}

fn carrier(to: &mut Object<'_>, it: &Carrier) {
    to.text_if("carrier_id", it.carrier_id.as_ref().map(|it| it.as_str()));
    to.text_if("depot_id", it.depot_id.as_ref().map(|it| it.as_str()));
    to.text_if("route_id", it.route_id.as_ref().map(|it| it.as_str()));
    to.list("capabilities", &it.capabilities, |out, it| {
        out.push_str("\"CAPABILITY_");
        out.push_str(it.name());
        out.push('"');
    });
    to.flag("subcontracted", it.subcontracted);
}

fn locker(out: &mut String, it: &Locker) {
    let mut to = Object::open(out);
    to.text("locker_id", it.locker_id.as_str());
    to.text_if("carrier_id", it.carrier_id.as_ref().map(|it| it.as_str()));
    to.number("distance_m", it.distance_m);
    to.size(
        &it.max,
        [
            "max_length_mm",
            "max_width_mm",
            "max_height_mm",
            "max_weight_g",
        ],
    );
    to.number("free_compartments", it.free_compartments);
    to.flag("step_free", it.step_free);
    to.close();
}

fn preferences(to: &mut Object<'_>, it: &Preferences) {
    let only_true = |flag: bool| flag.then_some(true);
    to.flag("cannot_use_codes", only_true(it.cannot_use_codes));
    to.flag("cannot_come_to_door", only_true(it.cannot_come_to_door));
    to.flag("step_free_only", only_true(it.step_free_only));
    to.member_if(
        "secured_drop",
        "SECURED_DROP_",
        it.secured_drop.map(|it| it.name()),
    );
    to.text_if(
        "delegate_contact_id",
        it.delegate_contact_id.as_ref().map(|it| it.as_str()),
    );
    to.text_if("locale", it.locale.as_deref());
}

fn session(to: &mut Object<'_>, it: &Session) {
    to.flag("new_device", it.new_device);
    to.when("password_reset_at", it.password_reset_at);
    to.flag("stored_payment", it.stored_payment);
    to.member_if(
        "payment_kind",
        "PAYMENT_KIND_",
        it.payment_kind.map(|it| it.name()),
    );
    to.flag("billing_matches_delivery", it.billing_matches_delivery);
    to.text_if("device_key", it.device_key.as_ref().map(|it| it.as_str()));
    to.text_if("payment_key", it.payment_key.as_ref().map(|it| it.as_str()));
}

/// Writes one event, without an end of line.
pub(super) fn event(out: &mut String, event: &Event) {
    let mut to = Object::open(out);
    to.text("event_id", event.event_id.as_str());
    to.when("occurred_at", Some(event.occurred_at));
    to.object(event.kind.name(), |to| kind(to, &event.kind));
    to.close();
}

fn kind(to: &mut Object<'_>, kind: &EventKind) {
    match kind {
        EventKind::OrderPlaced(it) => placed(to, it),
        EventKind::OrderCancelled {
            order_id,
            by,
            after_requirement_shown,
        } => {
            to.text("order_id", order_id.as_str());
            to.member_if("by", "CANCELLED_BY_", by.map(|it| it.name()));
            to.flag("after_requirement_shown", *after_requirement_shown);
        }
        EventKind::OrderRerouted {
            order_id,
            address_key,
        } => {
            to.text("order_id", order_id.as_str());
            to.text("address_key", address_key.as_str());
        }
        EventKind::ContactChanged {
            customer_id,
            contact_id,
            previous_contact_id,
            kind,
            verified,
        } => {
            to.text("customer_id", customer_id.as_str());
            to.text("contact_id", contact_id.as_str());
            to.text_if(
                "previous_contact_id",
                previous_contact_id.as_ref().map(|it| it.as_str()),
            );
            to.member("kind", "CONTACT_KIND_", kind.name());
            to.flag("verified", *verified);
        }
        EventKind::AddressChanged {
            customer_id,
            address_key,
        } => {
            to.text("customer_id", customer_id.as_str());
            to.text("address_key", address_key.as_str());
        }
        EventKind::PasswordReset { customer_id } => to.text("customer_id", customer_id.as_str()),
        EventKind::ParcelScanned(it) => scanned(to, it),
        EventKind::ParcelHandedOver(it) => handed_over(to, it),
        EventKind::ParcelRefused {
            order_id,
            parcel_id,
            reason,
        } => {
            to.text("order_id", order_id.as_str());
            to.text("parcel_id", parcel_id.as_str());
            to.member_if("reason", "REFUSAL_REASON_", reason.map(|it| it.name()));
        }
        EventKind::DeliveryFailed(it) => failed(to, it),
        EventKind::CodeNotice {
            parcel_id,
            contact_id,
            state,
        } => {
            to.text("parcel_id", parcel_id.as_str());
            to.text("contact_id", contact_id.as_str());
            to.member("state", "NOTICE_STATE_", state.name());
        }
        EventKind::ClaimOpened(it) => claimed(to, it),
        EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } => {
            to.text("claim_id", claim_id.as_str());
            to.member("fault", "FAULT_", fault.name());
            to.flag("paid", *paid);
        }
        EventKind::SuspicionRaised {
            suspicion_id,
            subject,
            level,
            evidence_ref,
            expires_at,
        } => {
            to.text("suspicion_id", suspicion_id.as_str());
            match subject {
                Subject::Customer(id) => to.text("customer_id", id.as_str()),
                Subject::Address(id) => to.text("address_key", id.as_str()),
                Subject::Route(id) => to.text("route_id", id.as_str()),
                Subject::Depot(id) => to.text("depot_id", id.as_str()),
                Subject::Courier(id) => to.text("courier_id", id.as_str()),
            }
            to.number("level", Some(u32::from(*level)));
            to.text_if("evidence_ref", evidence_ref.as_deref());
            to.when("expires_at", *expires_at);
        }
        EventKind::SuspicionCleared { suspicion_id } => {
            to.text("suspicion_id", suspicion_id.as_str());
        }
    }
}

fn placed(to: &mut Object<'_>, it: &OrderPlaced) {
    to.text("order_id", it.order_id.as_str());
    to.text_if("customer_id", it.customer_id.as_ref().map(|it| it.as_str()));
    to.text("address_key", it.address_key.as_str());
    to.long("amount_minor", it.amount_minor);
    to.text_if("currency_code", it.currency.as_ref().map(|it| it.code()));
    to.text_if("carrier_id", it.carrier_id.as_ref().map(|it| it.as_str()));
    to.text_if("route_id", it.route_id.as_ref().map(|it| it.as_str()));
    to.text_if("depot_id", it.depot_id.as_ref().map(|it| it.as_str()));
    to.on("expected_on", it.expected_on);
    to.number("parcels", it.parcels);
}

fn scanned(to: &mut Object<'_>, it: &ParcelScanned) {
    to.text("order_id", it.order_id.as_str());
    to.text("parcel_id", it.parcel_id.as_str());
    to.member("kind", "SCAN_KIND_", it.kind.name());
    to.number("weight_g", it.weight_g);
    to.text_if("seal_id", it.seal_id.as_deref());
    to.text_if("depot_id", it.depot_id.as_ref().map(|it| it.as_str()));
    to.text_if("route_id", it.route_id.as_ref().map(|it| it.as_str()));
    to.text_if("courier_id", it.courier_id.as_ref().map(|it| it.as_str()));
}

fn handed_over(to: &mut Object<'_>, it: &ParcelHandedOver) {
    to.text("order_id", it.order_id.as_str());
    to.text("parcel_id", it.parcel_id.as_str());
    to.text_if("courier_id", it.courier_id.as_ref().map(|it| it.as_str()));
    to.text_if("route_id", it.route_id.as_ref().map(|it| it.as_str()));
    to.text_if("depot_id", it.depot_id.as_ref().map(|it| it.as_str()));
    to.text_if("stop_id", it.stop_id.as_deref());
    to.member_if(
        "recipient_role",
        "RECIPIENT_ROLE_",
        it.recipient_role.map(|it| it.name()),
    );
    to.number("weight_g", it.weight_g);
    to.number("handover_s", it.handover_s);
    to.text_if("seal_id", it.seal_id.as_deref());
    to.flag("seal_intact", it.seal_intact);
    to.flag("inspected", it.inspected);
    to.text_if("photo_sha256", it.photo_sha256.as_deref());
}

fn failed(to: &mut Object<'_>, it: &DeliveryFailed) {
    to.text("order_id", it.order_id.as_str());
    to.text("parcel_id", it.parcel_id.as_str());
    to.member_if("reason", "FAILURE_REASON_", it.reason.map(|it| it.name()));
    to.text_if("courier_id", it.courier_id.as_ref().map(|it| it.as_str()));
    to.text_if("route_id", it.route_id.as_ref().map(|it| it.as_str()));
    to.number("dwell_s", it.dwell_s);
    to.text_if("photo_sha256", it.photo_sha256.as_deref());
}

fn claimed(to: &mut Object<'_>, it: &ClaimOpened) {
    to.text("claim_id", it.claim_id.as_str());
    to.text("order_id", it.order_id.as_str());
    to.list("items", &it.items, |out, (item, units)| {
        let mut to = Object::open(out);
        to.text("item_id", item.as_str());
        to.number("quantity", Some(*units));
        to.close();
    });
    to.list("parcel_ids", &it.parcel_ids, |out, it| {
        quoted(out, it.as_str());
    });
    to.member("kind", "CLAIM_KIND_", it.kind.name());
    to.long("amount_minor", it.amount_minor);
    to.text_if("currency_code", it.currency.as_ref().map(|it| it.code()));
}

#[cfg(test)]
mod tests {
    use super::{date, quoted, time};
    use crate::domain::units::{Date, Timestamp};

    #[test]
    fn times_and_dates_are_written_as_they_are_read() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1_000_000, "1969-12-31T23:59:59Z"),
            (1_709_208_000_000_000, "2024-02-29T12:00:00Z"),
            (1_709_208_000_000_120, "2024-02-29T12:00:00.000120Z"),
            (253_402_300_799_000_000, "9999-12-31T23:59:59Z"),
        ] {
            let mut out = String::new();
            time(&mut out, Timestamp::from_micros(micros));
            assert_eq!(out, format!("\"{text}\""));
        }
        for day in ["2024-02-29", "2025-12-31", "1969-12-31"] {
            let mut out = String::new();
            date(&mut out, Date::parse(day).unwrap().as_days().into());
            assert_eq!(out, day);
        }
    }

    #[test]
    fn texts_are_escaped_where_json_wants_it() {
        let mut out = String::new();
        for text in ["plain-1", "a\"b\\c", "ö\n", "\u{7f}"] {
            quoted(&mut out, text);
        }
        assert_eq!(out, r#""plain-1""a\"b\\c""ö\u000a""\u007f""#);
    }
}
