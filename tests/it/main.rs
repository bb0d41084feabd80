//! The one integration-test binary: a file a topic, so that it links once. Each topic stands under
//! `#[cfg(test)]`, so that the lints know its helpers for tests.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod backtest;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod house;
#[cfg(test)]
mod import;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod life;
#[cfg(test)]
mod life_page;
#[cfg(test)]
mod models;
#[cfg(test)]
mod off_policy;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod place;
#[cfg(test)]
mod policy_files;
#[cfg(test)]
mod race;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shadows;
#[cfg(test)]
mod signals_page;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod store;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod train;
#[cfg(test)]
mod training;
#[cfg(test)]
mod tune;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod wire_client;
