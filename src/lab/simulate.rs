//! A world with a known truth: people who order, couriers who deliver, and the few of both who steal or lie.
//!
//! The world makes orders, asks a [`shop::Shop`] what each delivery has to prove, and lets that change what happens
//! next: codes deter, one code among several parcels attracts, a code to the intruder's own contact helps nobody,
//! people abandon, attempts fail. It shares no code with what measures, weighs and prices orders.

mod account;
pub mod baselines;
mod calendar;
mod chance;
mod delivery;
mod desk;
mod effects;
mod evening;
mod goods;
mod hazards;
pub mod history;
mod ids;
mod json;
pub mod ledger;
mod morning;
pub mod parameters;
mod people;
mod places;
mod placing;
mod plan;
pub mod shop;
mod telling;
#[cfg(test)]
mod tests;
mod witness;
pub mod world;

pub use effects::Term;
