//! A world with a known truth: people who order, couriers who deliver, and the few of both who steal or lie.
//!
//! The world makes orders, asks a [`shop::Shop`] what each delivery has to prove, and lets that change what happens
//! next: codes deter, one code among several parcels attracts, a code to the intruder's own contact helps nobody,
//! people abandon, attempts fail. It shares no code with what measures, weighs and prices orders.

pub mod shop;
