//! What is asked, checked: one type a call that asks more than one thing.

#[cfg(test)]
mod tests;

use super::check::Check;
use super::{Accepts, Invalid, bounds, pb};
use crate::domain::action::{Action, DecisionState};
use crate::domain::content::{content_digest, event_digest};
use crate::domain::event::{Event, Subject};
use crate::domain::ids::{AddressKey, CustomerId, DecisionId, DepotId, OrderId, RouteId};
use crate::domain::order::Order;
use crate::domain::units::Digest;
use crate::service::read::Listing;
use crate::store::By;

/// Whether an answer binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Decide, record, and count.
    Enforce,
    /// The policy's own answer, and nothing else.
    Preview,
}

/// How much of a decision is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What a checkout needs and a browser may see.
    Basic,
    /// All that led to it.
    Full,
}

/// One order to decide.
#[derive(Clone, Debug)]
pub struct Decide {
    /// The order, sorted.
    pub order: Order,
    /// Of its content.
    pub content: Digest,
    /// Whether the answer binds.
    pub mode: Mode,
    /// How much to answer; none: the most that the caller's role may see.
    pub view: Option<View>,
    /// The caller's name for the call; empty where there is none.
    pub request_id: String,
    /// The policy to judge by, as id or digest; only in a preview.
    pub policy_version: Option<String>,
}

/// One of a list: its name as sent, and what came of checking it.
pub type Each<T> = (String, Result<T, Invalid>);

/// Checks one order to decide.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn decide(message: pb::DecideRequest, accepts: &Accepts) -> Result<Decide, Invalid> {
    let pb::DecideRequest {
        order,
        mode,
        view,
        request_id,
        policy_version,
    } = message;
    let mut check = Check::new("", accepts);
    let order = check.need("order", order);
    let order = order.and_then(|it| check.inside("order", |check| super::order::read(it, check)));
    let mode = check.one_of("mode", mode, "Mode", |number| {
        pb::Mode::try_from(number).ok()
    });
    let mode = match mode {
        Some(pb::Mode::Preview) => Mode::Preview,
        Some(pb::Mode::Enforce | pb::Mode::Unspecified) | None => Mode::Enforce,
    };
    let view = self::view(view, &mut check);
    let request_id = check.maybe_key("request_id", request_id);
    let policy_version = check.maybe_key("policy_version", policy_version);
    if mode == Mode::Enforce && policy_version.is_some() {
        check.fault("policy_version", "must be empty but with MODE_PREVIEW");
    }
    let decide = order.map(|order| Decide {
        content: content_digest(&order),
        order,
        mode,
        view,
        request_id: request_id.unwrap_or_default(),
        policy_version,
    });
    check.finish(decide)
}

/// Checks each request of a batch by itself, in the order asked, with its own name.
///
/// # Errors
/// Too many of them.
pub fn batch(
    message: pb::DecideBatchRequest,
    accepts: &Accepts,
) -> Result<Vec<Each<Decide>>, Invalid> {
    let pb::DecideBatchRequest { requests } = message;
    few("requests", requests.len(), bounds::BATCH_MAX)?;
    let one = |it: pb::DecideRequest| (it.request_id.clone(), decide(it, accepts));
    Ok(requests.into_iter().map(one).collect())
}

/// Checks each event by itself, in the order sent, with its own id; each good one with the digest of its content.
///
/// # Errors
/// Too many of them.
pub fn events(
    message: pb::RecordEventsRequest,
    accepts: &Accepts,
) -> Result<Vec<Each<(Event, Digest)>>, Invalid> {
    let pb::RecordEventsRequest { events } = message;
    few("events", events.len(), bounds::EVENTS_MAX)?;
    let one = |it: pb::Event| {
        let event_id = it.event_id.clone();
        let event = super::event(it, accepts);
        let digested = event.map(|event| {
            let digest = event_digest(&event);
            (event, digest)
        });
        (event_id, digested)
    };
    Ok(events.into_iter().map(one).collect())
}

fn few(field: &str, len: usize, max: usize) -> Result<(), Invalid> {
    if len <= max {
        return Ok(());
    }
    let fault = format!("must have at most {max} entries, not {len}");
    Err(Invalid::one(field, fault))
}

/// Checks which decision is asked for.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn get(message: pb::GetDecisionRequest) -> Result<(By, Option<View>), Invalid> {
    let pb::GetDecisionRequest {
        decision_id,
        order_id,
        revision,
        view,
    } = message;
    let mut check = Check::question();
    let keys = [
        ("decision_id", decision_id.as_str()),
        ("order_id", order_id.as_str()),
    ];
    let revision = check.number("revision", revision, &(1..=u32::MAX));
    let by = match check.only_one(&keys) {
        Some(("order_id", text)) => check
            .id("order_id", text, OrderId::try_new)
            .map(|id| By::Order(id, revision)),
        Some((field, text)) => {
            if revision.is_some() {
                check.fault("revision", "must be absent but with order_id");
            }
            check.id(field, text, DecisionId::try_new).map(By::Decision)
        }
        None => None,
    };
    let view = self::view(view, &mut check);
    check.finish(by.map(|by| (by, view)))
}

/// Checks which decisions are asked for.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn list(message: pb::ListDecisionsRequest) -> Result<(Listing, Option<View>), Invalid> {
    let pb::ListDecisionsRequest {
        customer_id,
        from_at,
        to_at,
        action,
        reason_code,
        state,
        view,
        page_size,
        page_token,
    } = message;
    let mut check = Check::question();
    let from = check.any_time("from_at", from_at);
    let to = check.any_time("to_at", to_at);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        check.fault("to_at", "must not be before from_at");
    }
    let asked = u32::try_from(page_size);
    if asked.is_err() {
        check.fault("page_size", format!("must be 0 or more, not {page_size}"));
    }
    let size = match asked.unwrap_or(0) {
        0 => bounds::PAGE_DEFAULT,
        size => size.min(bounds::PAGE_MAX),
    };
    let states = DecisionState::from_number;
    let token = |it: &str| it.len() <= bounds::TOKEN_MAX && it.is_ascii();
    let must = "must be the next_page_token of the same list";
    let listing = Listing {
        customer: check.maybe_id("customer_id", &customer_id, CustomerId::try_new),
        from,
        to,
        action: check.one_of("action", action, "Action", Action::from_number),
        reason: check.maybe_key("reason_code", reason_code),
        state: check.one_of("state", state, "DecisionState", states),
        page_size: usize::try_from(size).unwrap_or(1),
        page_token: check
            .text("page_token", page_token, token, must)
            .unwrap_or_default(),
    };
    let view = self::view(view, &mut check);
    check.finish(Some((listing, view)))
}

/// Checks which decision to judge again, and by which policy if not its own.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn replay(message: pb::ReplayDecisionRequest) -> Result<(DecisionId, Option<String>), Invalid> {
    let pb::ReplayDecisionRequest {
        decision_id,
        policy_version,
    } = message;
    let mut check = Check::question();
    let decision_id = check.id("decision_id", &decision_id, DecisionId::try_new);
    let policy = check.maybe_key("policy_version", policy_version);
    check.finish(decision_id.map(|id| (id, policy)))
}

/// Checks of whom or what the profile is asked for.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn profile(message: pb::GetProfileRequest) -> Result<Subject, Invalid> {
    let pb::GetProfileRequest {
        customer_id,
        address_key,
        route_id,
        depot_id,
    } = message;
    let mut check = Check::question();
    let keys = [
        ("customer_id", customer_id.as_str()),
        ("address_key", &address_key),
        ("route_id", &route_id),
        ("depot_id", &depot_id),
    ];
    let subject = check.only_one(&keys).and_then(|(field, _)| match field {
        "customer_id" => check
            .id(field, &customer_id, CustomerId::try_new)
            .map(Subject::Customer),
        "address_key" => check
            .id(field, &address_key, AddressKey::try_new)
            .map(Subject::Address),
        "route_id" => check
            .id(field, &route_id, RouteId::try_new)
            .map(Subject::Route),
        _ => check
            .id(field, &depot_id, DepotId::try_new)
            .map(Subject::Depot),
    });
    check.finish(subject)
}

fn view(number: i32, check: &mut Check<'_>) -> Option<View> {
    let member = |number| match pb::DecisionView::try_from(number) {
        Ok(pb::DecisionView::Basic) => Some(View::Basic),
        Ok(pb::DecisionView::Full) => Some(View::Full),
        Ok(pb::DecisionView::Unspecified) | Err(_) => None,
    };
    check.one_of("view", number, "DecisionView", member)
}
