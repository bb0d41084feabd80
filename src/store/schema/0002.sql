-- Schema 2. Decisions of a shop's own past have an origin of their own.

DROP VIEW decisions;

CREATE VIEW decisions AS
SELECT d.seq, d.decision_id, d.order_id, d.customer_id, d.address_key, d.revision,
       CASE d.stage WHEN 1 THEN 'CART' WHEN 2 THEN 'PLACED' END AS stage,
       CASE d.origin WHEN 1 THEN 'SERVICE' WHEN 2 THEN 'CUSTOMER' WHEN 3 THEN 'PERSON'
                     WHEN 4 THEN 'IMPORTED' END AS origin,
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
