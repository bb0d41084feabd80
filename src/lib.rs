//! doorstep decides, at the moment an order is placed, what proof of handover its delivery needs,
//! and says why.
//!
//! An order comes, a decision goes, an outcome returns. Between the first two lies one question:
//! which way can this delivery go wrong, and which control answers that way? Five hazards are
//! estimated separately, every action is priced against them, and the cheapest feasible one is
//! taken. The decision, with all that led to it, is recorded before it is answered, so that
//! anybody can judge it again and find the same.
//!
//! The crate is a house of rooms, one idea each. Read them in this order; a room uses only those
//! above it in this list, and `tests/it/house.rs` holds us to that.
//!
//! 1. [`domain`]: what is known. Orders, events, profiles, and how one changes the other.
//! 2. [`stats`]: what numbers can say. Pure, and without a word of orders.
//! 3. [`decision`]: what follows from what is known. Pure: no clock, no chance, no I/O, no failure.
//! 4. [`store`]: what must not be lost. A decision is durable before anybody hears of it.
//! 5. [`lab`]: what many records teach: a simulated world, a learner, and how good both are.
//! 6. [`service`]: one file a use: fetch, decide, record.
//! 7. [`api`]: faces for programs: gRPC, and JSON over HTTP on the same port.
//! 8. [`cli`]: faces for people, and the only reader of clock, environment and files.
//!
//! What is deliberately absent: nothing sent is stored and nothing stored is sent; no raw address,
//! e-mail or phone number is kept anywhere; doorstep is no claims desk and never denies a claim.

pub mod api;
pub mod cli;
pub mod decision;
pub mod domain;
pub mod lab;
pub mod service;
pub mod stats;
pub mod store;
