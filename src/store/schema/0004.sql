-- Schema 4. What shadows said of decisions, outside of every record and its digest.

CREATE TABLE shadow (
    number   INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL REFERENCES trail (seq),
    until_at INTEGER NOT NULL,
    stopped  INTEGER          REFERENCES trail (seq),
    failed   INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE shadow_decision (
    seq    INTEGER NOT NULL REFERENCES decision (seq),
    shadow INTEGER NOT NULL REFERENCES shadow (number),
    action INTEGER NOT NULL,
    PRIMARY KEY (seq, shadow)
) WITHOUT ROWID;

CREATE TABLE shadow_transition (
    shadow      INTEGER NOT NULL REFERENCES shadow (number),
    live        INTEGER NOT NULL,
    action      INTEGER NOT NULL,
    decisions   INTEGER NOT NULL,
    value_minor REAL    NOT NULL,
    newest      TEXT    NOT NULL,
    PRIMARY KEY (shadow, live, action)
) WITHOUT ROWID;

CREATE VIEW shadow_decisions AS
SELECT s.seq, d.decision_id, 'shadow-' || s.shadow AS shadow_id, v.kind, v.name,
       CASE d.action WHEN 1 THEN 'NONE' WHEN 2 THEN 'OTP' WHEN 3 THEN 'ITEM_CODES'
                     WHEN 4 THEN 'LOCKER_ONLY' WHEN 5 THEN 'REVIEW' END AS live_action,
       CASE s.action WHEN 1 THEN 'NONE' WHEN 2 THEN 'OTP' WHEN 3 THEN 'ITEM_CODES'
                     WHEN 4 THEN 'LOCKER_ONLY' WHEN 5 THEN 'REVIEW' END AS action
FROM shadow_decision s
JOIN decision d ON d.seq = s.seq
JOIN shadow w ON w.number = s.shadow
JOIN trail t ON t.seq = w.started
JOIN version v ON v.id = t.version;
