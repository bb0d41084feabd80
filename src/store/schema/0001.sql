-- Schema 1. docs/schema.md explains it. Times are microseconds since 1970-01-01T00:00:00Z.

CREATE TABLE version (
    id            INTEGER PRIMARY KEY,
    kind          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    digest        BLOB    NOT NULL,
    body          BLOB,
    first_used_at INTEGER NOT NULL,
    UNIQUE (kind, digest, name)
);

CREATE TABLE reason_code (
    code INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
);

CREATE TABLE decision (
    seq              INTEGER PRIMARY KEY,
    decision_id      TEXT    NOT NULL UNIQUE,
    order_id         TEXT    NOT NULL,
    customer_id      TEXT,
    unit_kind        INTEGER NOT NULL,
    unit_key         TEXT,
    address_key      TEXT    NOT NULL,
    revision         INTEGER NOT NULL,
    earlier          INTEGER,
    stage            INTEGER NOT NULL,
    origin           INTEGER NOT NULL,
    action           INTEGER NOT NULL,
    own_action       INTEGER NOT NULL,
    risk             REAL,
    order_value      REAL,
    amount_minor     INTEGER NOT NULL,
    currency         TEXT    NOT NULL,
    decided_at       INTEGER NOT NULL,
    valid_until      INTEGER NOT NULL,
    policy           INTEGER NOT NULL REFERENCES version (id),
    model            INTEGER NOT NULL REFERENCES version (id),
    catalogue        INTEGER NOT NULL REFERENCES version (id),
    engine           INTEGER NOT NULL REFERENCES version (id),
    propensity_micro INTEGER NOT NULL,
    drawn            INTEGER,
    draw_key         TEXT,
    slot             INTEGER,
    counter          INTEGER,
    draw_micro       INTEGER,
    content          BLOB    NOT NULL,
    before           BLOB,
    digest           BLOB    NOT NULL,
    salt             BLOB,
    commitment       BLOB,
    body             BLOB    NOT NULL
);

CREATE TABLE decision_personal (
    seq  INTEGER PRIMARY KEY REFERENCES decision (seq),
    body BLOB    NOT NULL
);

CREATE INDEX decision_customer ON decision (customer_id, seq) WHERE customer_id IS NOT NULL;
CREATE INDEX decision_time ON decision (decided_at);

CREATE TABLE decision_reason (
    code INTEGER NOT NULL REFERENCES reason_code (code),
    seq  INTEGER NOT NULL REFERENCES decision (seq),
    PRIMARY KEY (code, seq)
) WITHOUT ROWID;

CREATE TABLE orders (
    order_id      TEXT PRIMARY KEY,
    latest        INTEGER REFERENCES decision (seq),
    revision      INTEGER,
    valid_until   INTEGER,
    customer_id   TEXT,
    address_key   TEXT,
    placed_at     INTEGER,
    cancelled_at  INTEGER,
    dispatched_at INTEGER,
    silent_at     INTEGER,
    ended_at      INTEGER,
    dossier       BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE customer (
    kind      INTEGER NOT NULL,
    key       TEXT    NOT NULL,
    completed INTEGER NOT NULL,
    salt      BLOB,
    body      BLOB    NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

CREATE TABLE address (
    key         TEXT PRIMARY KEY,
    open_orders INTEGER NOT NULL,
    body        BLOB    NOT NULL
) WITHOUT ROWID;

CREATE TABLE link (
    kind    INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    members INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

CREATE TABLE claim (
    claim_id   TEXT PRIMARY KEY,
    order_id   TEXT,
    settled_at INTEGER,
    settled_by TEXT,
    fault      INTEGER,
    paid       INTEGER
) WITHOUT ROWID;

CREATE TABLE suspicion (
    suspicion_id TEXT PRIMARY KEY,
    subject_kind INTEGER,
    subject_key  TEXT,
    level        INTEGER,
    raised_at    INTEGER,
    expires_at   INTEGER,
    cleared_at   INTEGER
) WITHOUT ROWID;

CREATE INDEX suspicion_subject ON suspicion (subject_kind, subject_key);

CREATE TABLE tally (
    kind     INTEGER NOT NULL,
    key      TEXT    NOT NULL,
    counter  INTEGER NOT NULL,
    currency TEXT    NOT NULL,
    week     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (kind, key, counter, currency, week)
) WITHOUT ROWID;

CREATE TABLE event (
    seq         INTEGER PRIMARY KEY,
    event_id    TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    order_id    TEXT,
    customer_id TEXT,
    claim_id    TEXT,
    state       INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    body        BLOB
);

CREATE INDEX event_waiting_order ON event (order_id) WHERE state = 1;
CREATE INDEX event_waiting_claim ON event (claim_id) WHERE state = 1;

CREATE TABLE probe (
    id   INTEGER PRIMARY KEY,
    body BLOB
);

CREATE VIEW decisions AS
SELECT d.seq, d.decision_id, d.order_id, d.customer_id, d.address_key, d.revision,
       CASE d.stage WHEN 1 THEN 'CART' WHEN 2 THEN 'PLACED' END AS stage,
       CASE d.origin WHEN 1 THEN 'SERVICE' WHEN 2 THEN 'CUSTOMER' WHEN 3 THEN 'PERSON' END AS origin,
       CASE d.action WHEN 1 THEN 'NONE' WHEN 2 THEN 'OTP' WHEN 3 THEN 'ITEM_CODES'
                     WHEN 4 THEN 'LOCKER_ONLY' WHEN 5 THEN 'REVIEW' END AS action,
       CASE d.own_action WHEN 1 THEN 'NONE' WHEN 2 THEN 'OTP' WHEN 3 THEN 'ITEM_CODES'
                         WHEN 4 THEN 'LOCKER_ONLY' WHEN 5 THEN 'REVIEW' END AS own_action,
       d.risk, d.order_value, d.amount_minor, d.currency, d.decided_at, d.valid_until,
       p.name AS policy, m.name AS model, d.propensity_micro, d.drawn, d.slot, d.draw_micro,
       d.revision = o.revision AS is_latest,
       o.placed_at, o.cancelled_at, o.dispatched_at, o.silent_at, o.ended_at
FROM decision d
JOIN version p ON p.id = d.policy
JOIN version m ON m.id = d.model
LEFT JOIN orders o ON o.order_id = d.order_id;

CREATE VIEW decision_reasons AS
SELECT r.seq, c.name AS reason
FROM decision_reason r
JOIN reason_code c ON c.code = r.code;

CREATE VIEW losses AS
SELECT c.claim_id, c.order_id, c.settled_at, c.paid,
       CASE c.fault WHEN 1 THEN 'PORCH' WHEN 2 THEN 'COURIER' WHEN 3 THEN 'DEPOT' WHEN 4 THEN 'CUSTOMER'
                    WHEN 5 THEN 'ACCOUNT_TAKEOVER' WHEN 6 THEN 'UNKNOWN' END AS fault
FROM claim c;
