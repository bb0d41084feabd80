-- Schema 3. The life of policies: every act, in its order, never changed.

CREATE TABLE trail (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    principal TEXT    NOT NULL,
    act       INTEGER NOT NULL,
    version   INTEGER NOT NULL REFERENCES version (id),
    replaced  INTEGER          REFERENCES version (id),
    note      TEXT    NOT NULL
);

CREATE TRIGGER trail_is_never_changed BEFORE UPDATE ON trail
BEGIN
    SELECT RAISE(ABORT, 'an act is never changed');
END;

CREATE TRIGGER trail_is_never_cut BEFORE DELETE ON trail
BEGIN
    SELECT RAISE(ABORT, 'an act is never deleted');
END;

CREATE VIEW acts AS
SELECT t.seq, t.at, t.principal,
       CASE t.act WHEN 1 THEN 'propose' WHEN 2 THEN 'approve' WHEN 3 THEN 'activate' WHEN 4 THEN 'roll_back'
                  WHEN 5 THEN 'start_shadow' WHEN 6 THEN 'stop_shadow' END AS act,
       v.kind, v.name, lower(hex(v.digest)) AS digest,
       r.name AS replaced_name, lower(hex(r.digest)) AS replaced_digest, t.note
FROM trail t
JOIN version v ON v.id = t.version
LEFT JOIN version r ON r.id = t.replaced;
