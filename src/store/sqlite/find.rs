//! Finding decisions: by id, by order, by filter, all of them; each with what is known of its order now.

use std::sync::Arc;

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::load::Loader;
use super::rows::{self, ANCHOR, Cells, Fault, Salts};
use super::versions::Versions;
use crate::domain::action::DecisionState;
use crate::domain::ids::OrderId;
use crate::store::engine::{By, Filter, Found, Page, Visit};
use crate::store::error::Error;
use crate::store::record::{Anchor, Broken, Room};

/// A connection that finds.
pub(super) struct Finder<'a> {
    pub(super) loader: Loader<'a>,
    pub(super) versions: &'a mut Versions,
    pub(super) room: &'a mut Room,
}

/// Decisions with everything that reads them; a query adds what it asks for. Most are their order's latest: its row `l` is
/// looked up for the others alone.
fn decisions(salts: Salts) -> String {
    let (columns, customer) = (rows::columns_of(salts), salts.join());
    format!(
        "SELECT d.seq, {columns}, d.body, q.body, o.latest, {ANCHOR}, o.dossier \
         FROM decision d \
         LEFT JOIN decision_personal q ON q.seq = d.seq {customer} \
         LEFT JOIN orders o ON o.order_id = d.order_id \
         LEFT JOIN decision l ON l.seq = o.latest AND l.seq <> d.seq"
    )
}

impl Finder<'_> {
    /// A decision by its id, or one of an order.
    pub(super) fn record(&mut self, by: &By) -> Result<Option<Found>, Error> {
        let (query, values) = match by {
            By::Decision(id) => ("d.decision_id = ?1", vec![text(id.as_str())]),
            By::Order(id, None) => (
                "d.seq = (SELECT latest FROM orders WHERE order_id = ?1)",
                vec![text(id.as_str())],
            ),
            By::Order(id, Some(revision)) => match self.place(id, *revision)? {
                Some(seq) => ("d.seq = ?1", vec![Value::Integer(seq)]),
                None => return Ok(None),
            },
        };
        let found = self.all(
            &format!("{} WHERE {query}", decisions(Salts::Told)),
            &values,
        )?;
        Ok(found.into_iter().next())
    }

    /// The place of a revision: every decision names the one before it, and the order the last.
    fn place(&self, id: &OrderId, revision: u32) -> Result<Option<i64>, Error> {
        let query = "WITH RECURSIVE line (seq, revision, earlier) AS ( \
                       SELECT d.seq, d.revision, d.earlier FROM orders o JOIN decision d ON d.seq = o.latest \
                       WHERE o.order_id = ?1 \
                       UNION ALL \
                       SELECT d.seq, d.revision, d.earlier FROM line JOIN decision d ON d.seq = line.earlier \
                       WHERE line.revision > ?2) \
                     SELECT seq FROM line WHERE revision = ?2 LIMIT 1";
        let id = id.as_str();
        self.loader
            .one(query, (id, revision), ("order", id), |cells| cells.take())
    }

    /// Decisions after a place, oldest first and without salts.
    pub(super) fn scan(&mut self, after: i64, limit: usize) -> Result<Vec<Found>, Error> {
        let query = format!(
            "{} WHERE d.seq > ?1 ORDER BY d.seq LIMIT ?2",
            decisions(Salts::LeftOut)
        );
        self.all(&query, &[Value::Integer(after), whole(limit)])
    }

    /// Visits decisions after a place, up to another, oldest first and without salts.
    pub(super) fn range(&mut self, after: i64, to: i64, visit: Visit<'_>) -> Result<(), Error> {
        let query = format!(
            "{} WHERE d.seq > ?1 AND d.seq <= ?2 ORDER BY d.seq",
            decisions(Salts::LeftOut)
        );
        self.each(&query, &[Value::Integer(after), Value::Integer(to)], visit)
    }

    /// Decisions of a filter before a place, newest first.
    pub(super) fn list(
        &mut self,
        filter: &Filter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page, Error> {
        let mut ask = Ask::default();
        let Some(joined) = self.conditions(filter, before, &mut ask)? else {
            return Ok(Page {
                found: Vec::new(),
                next: None,
            });
        };
        // First the places, from the indexes; then the rows of those alone.
        let more = ask.value(whole(limit.saturating_add(1)));
        let places = format!(
            "SELECT d.seq FROM {joined} WHERE {} ORDER BY d.seq DESC LIMIT {more}",
            ask.conditions.join(" AND ")
        );
        let values = params_from_iter(&ask.values);
        let mut places: Vec<i64> =
            self.loader
                .each(&places, values, ("list of", "decisions"), |cells| {
                    cells.take()
                })?;
        let more = places.len() > limit;
        places.truncate(limit);
        let mut found = Vec::with_capacity(places.len());
        let one = format!("{} WHERE d.seq = ?1", decisions(Salts::Told));
        for seq in places {
            found.extend(self.all(&one, &[Value::Integer(seq)])?);
        }
        let next = found.last().filter(|_| more).map(|it| filter.token(it.seq));
        Ok(Page { found, next })
    }

    /// The tables and conditions of a filter; none where nothing can match.
    fn conditions(
        &self,
        filter: &Filter,
        before: Option<i64>,
        ask: &mut Ask,
    ) -> Result<Option<String>, Error> {
        let mut joined = "decision d".to_owned();
        let place = ask.value(Value::Integer(before.unwrap_or(i64::MAX)));
        ask.conditions.push(format!("d.seq < {place}"));
        if let Some(customer) = &filter.customer {
            let customer = ask.value(text(customer.as_str()));
            ask.conditions.push(format!("d.customer_id = {customer}"));
        }
        if let Some(from) = filter.from {
            let from = ask.value(Value::Integer(from.as_micros()));
            ask.conditions.push(format!("d.decided_at >= {from}"));
        }
        if let Some(to) = filter.to {
            let to = ask.value(Value::Integer(to.as_micros()));
            ask.conditions.push(format!("d.decided_at < {to}"));
        }
        if let Some(action) = filter.action {
            let action = ask.value(Value::Integer(action.number().into()));
            ask.conditions.push(format!("d.action = {action}"));
        }
        if let Some(reason) = &filter.reason {
            let query = "SELECT code FROM reason_code WHERE name = ?1";
            let code = self
                .loader
                .one(query, [reason], ("reason code", reason), |cells| {
                    cells.take()
                })?;
            let Some(code) = code else { return Ok(None) };
            let code = ask.value(Value::Integer(code));
            joined.push_str(" JOIN decision_reason r ON r.seq = d.seq");
            ask.conditions.push(format!("r.code = {code}"));
        }
        if let Some(state) = filter.state {
            let now = ask.value(Value::Integer(filter.now.as_micros()));
            let state = ask.value(Value::Integer(state.number().into()));
            joined.push_str(" LEFT JOIN orders o ON o.order_id = d.order_id");
            ask.conditions.push(format!("{} = {state}", state_of(&now)));
        }
        Ok(Some(joined))
    }

    fn all(&mut self, query: &str, values: &[Value]) -> Result<Vec<Found>, Error> {
        let mut all = Vec::new();
        self.each(query, values, &mut |found| {
            all.push(found);
            Ok(())
        })?;
        Ok(all)
    }

    fn each(&mut self, query: &str, values: &[Value], visit: Visit<'_>) -> Result<(), Error> {
        let values = params_from_iter(values);
        let Self {
            loader,
            versions,
            room,
        } = self;
        loader.visit(query, values, |cells| {
            let seq: i64 = cells.take().map_err(|fault| fault.of("decision", "?"))?;
            // Rows are told apart in errors by their place: whatever else they say may be what is damaged.
            let found = found(seq, cells, versions, room);
            visit(found.map_err(|fault| fault.of("decision number", &seq.to_string()))?)
        })
    }
}

fn found(
    seq: i64,
    cells: &mut Cells<'_>,
    versions: &mut Versions,
    room: &mut Room,
) -> Result<Found, Fault> {
    let columns = rows::columns(cells, versions)?;
    let body = cells.bytes()?;
    let personal = cells.bytes_or_none()?;
    let own = Anchor::of(seq, &columns);
    let record = room.record(columns, body, personal.ok_or(Broken)?)?;
    let latest: Option<i64> = cells.take()?;
    let other = rows::anchor(cells)?;
    let anchor = if latest == Some(seq) {
        Some(own)
    } else {
        other
    };
    let dossier = cells.bytes_or_none()?;
    let dossier = dossier.map(|bytes| room.dossier(bytes, anchor.as_ref()));
    Ok(Found {
        seq,
        record,
        dossier: Arc::new(dossier.transpose()?.unwrap_or_default()),
    })
}

/// The state of a decision, as `Dossier::state` tells it: a test holds the two together.
fn state_of(now: &str) -> String {
    let silent = format!("o.silent_at < {now}");
    let states = [
        ("d.revision < o.revision", DecisionState::Superseded),
        ("o.cancelled_at IS NOT NULL", DecisionState::Cancelled),
        ("o.ended_at IS NOT NULL", DecisionState::Completed),
        (&silent, DecisionState::Expired),
        ("o.silent_at IS NOT NULL", DecisionState::Dispatched),
    ];
    let cases = states.map(|(when, state)| format!("WHEN {when} THEN {} ", state.number()));
    format!(
        "CASE {}WHEN COALESCE(o.valid_until, d.valid_until) < {now} THEN {} ELSE {} END",
        cases.concat(),
        DecisionState::Expired.number(),
        DecisionState::Open.number()
    )
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn whole(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Conditions and their values, in the making.
#[derive(Default)]
struct Ask {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Ask {
    /// The place of a value in the query's text.
    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }
}
