//! Writes a world down as a shop would have exported it, and the truth apart from it.

use std::fmt::Write as _;
use std::io::Write;

use super::json;
use super::shop::{Closed, Happening, Verdict};
use super::world::{Day, Witness};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::order::Stage;
use crate::domain::units::MILLION;

/// The format of the history's files.
pub const FORMAT: &str = "doorstep/history/1";
/// What is written at once.
const CHUNK: usize = 1 << 18;

/// The files of a history. Carts are not in it, nor anything after the last day on which orders are placed: a shop that
/// exports its past knows no more.
#[derive(Debug)]
pub struct History<W> {
    orders: Lines<W>,
    events: Lines<W>,
    verification: Lines<W>,
    truth: Lines<W>,
}

/// Where the files of a history go.
#[derive(Debug, Default)]
pub struct Files<W> {
    /// `orders.jsonl`: an order a line.
    pub orders: W,
    /// `events.jsonl`: an event a line.
    pub events: W,
    /// `verification.csv`: what was asked; orders that are not there were asked nothing, with certainty.
    pub verification: W,
    /// `truth/truth.csv`: what nobody who learns may read.
    pub truth: W,
}

/// A file under way.
#[derive(Debug)]
struct Lines<W> {
    text: String,
    to: W,
}

impl<W: Write> Lines<W> {
    const fn new(to: W) -> Self {
        Self {
            text: String::new(),
            to,
        }
    }

    fn end_line(&mut self) -> Result<(), Closed> {
        self.text.push('\n');
        if self.text.len() >= CHUNK {
            self.write()
        } else {
            Ok(())
        }
    }

    fn write(&mut self) -> Result<(), Closed> {
        let written = self.to.write_all(self.text.as_bytes());
        self.text.clear();
        written.map_err(|error| Closed(format!("cannot write the history: {error}")))
    }
}

impl<W: Write> History<W> {
    /// Begins a history.
    #[must_use]
    pub fn new(files: Files<W>) -> Self {
        let mut history = Self {
            orders: Lines::new(files.orders),
            events: Lines::new(files.events),
            verification: Lines::new(files.verification),
            truth: Lines::new(files.truth),
        };
        history.verification.text.push_str("order_id,action");
        history.truth.text.push_str("order_id");
        for action in Action::ALL {
            history.verification.text.push_str(",propensity_");
            history.verification.text.push_str(action.key());
        }
        for hazard in Hazard::ALL {
            history.truth.text.push(',');
            history.truth.text.push_str(hazard.key());
        }
        history.verification.text.push('\n');
        history.truth.text.push_str(",happened\n");
        history
    }

    /// Writes what is left and gives the files back.
    ///
    /// # Errors
    /// [`Closed`] where it cannot be written.
    pub fn finish(mut self) -> Result<Files<W>, Closed> {
        for lines in [
            &mut self.orders,
            &mut self.events,
            &mut self.verification,
            &mut self.truth,
        ] {
            lines.write()?;
        }
        Ok(Files {
            orders: self.orders.to,
            events: self.events.to,
            verification: self.verification.to,
            truth: self.truth.to,
        })
    }

    fn asked(&mut self, order: &OrderId, verdict: &Verdict) -> Result<(), Closed> {
        if *verdict == Verdict::certain(Action::None, verdict.code_contact.clone()) {
            return Ok(());
        }
        let line = &mut self.verification.text;
        line.push_str(order.as_str());
        line.push(',');
        line.push_str(verdict.action.name());
        for micro in verdict.propensities {
            let _infallible = write!(line, ",{}", micro.min(MILLION));
        }
        self.verification.end_line()
    }
}

impl<W: Write> Witness for History<W> {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        if day.is_after {
            return Ok(());
        }
        let mut verdicts = day.verdicts.iter();
        for happening in day.happenings {
            match happening {
                Happening::Event(event) => {
                    json::event(&mut self.events.text, event);
                    self.events.end_line()?;
                }
                Happening::Order(order) => {
                    let verdict = verdicts.next();
                    if order.stage == Stage::Cart {
                        continue;
                    }
                    json::order(&mut self.orders.text, order);
                    self.orders.end_line()?;
                    if let Some(verdict) = verdict {
                        self.asked(&order.order_id, verdict)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        let line = &mut self.truth.text;
        line.push_str(order.as_str());
        for p in truth {
            let _infallible = write!(line, ",{p:e}");
        }
        line.push(',');
        line.push_str(happened.map_or("", Hazard::key));
        self.truth.end_line()
    }
}
