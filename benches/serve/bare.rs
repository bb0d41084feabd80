//! The limits of the store: the bare transaction of the same bytes, and a file that is only appended to and synced.
//!
//! The bare transaction starts from a copy of the same database and writes rows that the service wrote, under new ids,
//! with the same settings: what a program would pay that had nothing to do but to keep them. It reads the rows that
//! a decision reads, and no more.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params, params_from_iter};

use super::child::own_ticks;
use super::load::Slice;

/// Orders in a transaction, as many as the service takes together at most.
const BATCH: u32 = 64;
/// Orders whose rows are written again and again.
const KEPT: i64 = 4_096;

/// What the service wrote for one order.
#[derive(Debug)]
struct Rows {
    decision: Vec<Value>,
    reasons: Vec<Value>,
    order: Vec<Value>,
    customer: Vec<Value>,
    address: Vec<Value>,
}

/// A database with nothing around it.
#[derive(Debug)]
pub(super) struct Bare {
    connection: Connection,
    rows: Vec<Rows>,
    next: usize,
    seq: i64,
}

impl Bare {
    /// Copies the service's database as it is now; it may serve meanwhile.
    pub(super) fn copy(data: &Path, to: &Path) -> Self {
        let live = read(data);
        live.execute("VACUUM INTO ?1", [to.to_str().unwrap()])
            .unwrap();
        let connection = Connection::open(to).unwrap();
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
            connection.pragma_update(None, name, value).unwrap();
        }
        for (name, value) in [("cache_size", -131_072), ("wal_autocheckpoint", 1_000)] {
            connection.pragma_update(None, name, value).unwrap();
        }
        connection.set_prepared_statement_cache_capacity(64);
        Self {
            connection,
            rows: Vec::new(),
            next: 0,
            seq: 1 << 32,
        }
    }

    /// Takes over rows that the service wrote meanwhile.
    pub(super) fn learn(&mut self, data: &Path) {
        let live = read(data);
        let codes = all(&live, "SELECT * FROM reason_code", []);
        for code in codes {
            let keep = "INSERT OR IGNORE INTO reason_code VALUES (?1, ?2)";
            self.connection
                .execute(keep, params_from_iter(code))
                .unwrap();
        }
        let decisions = "SELECT * FROM decision ORDER BY seq DESC LIMIT ?1";
        for decision in all(&live, decisions, [KEPT]) {
            let one = |query: &str, key: usize| all(&live, query, [&decision[key]]).pop();
            // Code by code: the table is sorted by codes.
            let codes = "SELECT r.code FROM reason_code c CROSS JOIN decision_reason r \
                         ON r.code = c.code AND r.seq = ?1";
            let reasons = all(&live, codes, [&decision[0]]);
            self.rows.push(Rows {
                reasons: reasons.into_iter().flatten().collect(),
                order: one("SELECT * FROM orders WHERE order_id = ?1", 2).unwrap(),
                customer: one("SELECT * FROM customer WHERE kind = 0 AND key = ?1", 3).unwrap(),
                address: one("SELECT * FROM address WHERE key = ?1", 6).unwrap(),
                decision,
            });
        }
    }

    /// Bytes of an order's rows, on average.
    pub(super) fn bytes(&self) -> usize {
        let size = |value: &Value| match value {
            Value::Null => 0,
            Value::Integer(_) | Value::Real(_) => 8,
            Value::Text(text) => text.len(),
            Value::Blob(bytes) => bytes.len(),
        };
        let row = |row: &Rows| {
            let all = [&row.decision, &row.order, &row.customer, &row.address];
            let values: usize = all.into_iter().flatten().map(size).sum();
            values + row.reasons.len() * 16
        };
        self.rows.iter().map(row).sum::<usize>() / self.rows.len()
    }

    /// Transactions one after the other for so long.
    pub(super) fn slice(&mut self, length: Duration) -> Slice {
        repeat(length, || self.transaction())
    }

    fn transaction(&mut self) {
        self.put("BEGIN IMMEDIATE", []);
        for _ in 0..BATCH {
            let place = self.next % self.rows.len();
            self.next += 1;
            self.seq += 1;
            self.order(place);
        }
        for kind in 0..3 {
            let count = "INSERT INTO tally VALUES (?1, 'bare', 4, '', 0, 1) ON CONFLICT DO UPDATE SET n = tally.n + 1";
            self.put(count, [kind]);
        }
        self.put("COMMIT", []);
    }

    fn order(&mut self, place: usize) {
        let seq = self.seq;
        let Rows {
            decision, order, ..
        } = &mut self.rows[place];
        let id = format!("order-{:016x}", seq.wrapping_mul(0x1e37_79b9_7f4a_7c15));
        let decision_id = format!("{seq:036}");
        decision[0] = Value::Integer(seq);
        decision[1] = Value::Text(decision_id);
        decision[2] = Value::Text(id.clone());
        order[0] = Value::Text(id);
        order[1] = Value::Integer(seq);
        let rows = &self.rows[place];
        self.get(
            "SELECT dossier FROM orders WHERE order_id = ?1",
            &rows.order[0],
        );
        self.get(
            "SELECT body FROM customer WHERE kind = 0 AND key = ?1",
            &rows.customer[1],
        );
        self.get("SELECT body FROM address WHERE key = ?1", &rows.address[0]);
        self.put(
            &insert("decision", rows.decision.len()),
            params_from_iter(&rows.decision),
        );
        for code in &rows.reasons {
            self.put(
                "INSERT INTO decision_reason VALUES (?1, ?2)",
                params![code, seq],
            );
        }
        let order = insert("orders", rows.order.len()) + ON_ORDER;
        self.put(&order, params_from_iter(&rows.order));
        let customer = insert("customer", rows.customer.len()) + ON_CUSTOMER;
        self.put(&customer, params_from_iter(&rows.customer));
        let address = insert("address", rows.address.len()) + ON_ADDRESS;
        self.put(&address, params_from_iter(&rows.address));
    }

    fn get(&self, query: &str, key: &Value) {
        let mut statement = self.connection.prepare_cached(query).unwrap();
        let body = statement.query_row([key], |row| row.get::<_, Vec<u8>>(0));
        std::hint::black_box(body.ok());
    }

    fn put(&self, query: &str, values: impl rusqlite::Params) {
        let mut statement = self.connection.prepare_cached(query).unwrap();
        statement.execute(values).unwrap();
    }
}

const ON_ORDER: &str =
    " ON CONFLICT DO UPDATE SET latest = excluded.latest, dossier = excluded.dossier";
const ON_CUSTOMER: &str =
    " ON CONFLICT DO UPDATE SET completed = excluded.completed, body = excluded.body";
const ON_ADDRESS: &str =
    " ON CONFLICT DO UPDATE SET open_orders = excluded.open_orders, body = excluded.body";

fn insert(table: &str, columns: usize) -> String {
    let values = vec!["?"; columns].join(", ");
    format!("INSERT INTO {table} VALUES ({values})")
}

fn read(data: &Path) -> Connection {
    let path = data.join("doorstep.sqlite3");
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn all(connection: &Connection, query: &str, values: impl rusqlite::Params) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare_cached(query).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|it| row.get(it)).collect();
    let rows = statement.query_map(values, row).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The floor: as many bytes as the decisions of a batch, appended to a file and synced, for so long.
pub(super) fn append(file: &mut File, bytes: usize, length: Duration) -> Slice {
    let batch = vec![7; bytes * usize::try_from(BATCH).unwrap()];
    repeat(length, || {
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
    })
}

fn repeat(length: Duration, mut batch: impl FnMut()) -> Slice {
    let (begun, before) = (Instant::now(), own_ticks());
    let mut times = Vec::new();
    while begun.elapsed() < length {
        let asked = Instant::now();
        batch();
        times.push(asked.elapsed());
    }
    Slice::of_batches(begun.elapsed(), own_ticks() - before, BATCH, &times)
}
