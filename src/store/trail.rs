//! Acts on policies: what is right is decided on the trail as it stands, and is durable before anybody hears of it.

use super::Store;
use super::engine::{Line, Writing};
use super::error::Error;
use crate::decision::lifecycle::Entry;

impl Store {
    /// Every act so far, oldest first.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn trail(&self) -> Result<Vec<Entry>, Error> {
        self.inner.readers.ask(|engine| engine.trail()).await
    }

    /// Shows `work` the trail as it stands, and adds what it says to add; nothing else comes between.
    ///
    /// Once the act is durable, `durable` runs, before any later piece of work: what it puts in force is in force in the
    /// order of the trail, whoever still waits for the answer.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's; then nothing was added.
    pub async fn enter<T, W, D>(&self, work: W, durable: D) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&[Entry]) -> (Option<Line>, T) + Send + 'static,
        D: FnOnce() + Send + 'static,
    {
        self.act(move |engine| {
            engine.begin()?;
            match written(engine, work) {
                Ok((true, answer)) => {
                    durable();
                    Ok(answer)
                }
                Ok((false, answer)) => {
                    engine.roll_back();
                    Ok(answer)
                }
                Err(error) => {
                    engine.roll_back();
                    Err(error)
                }
            }
        })
        .await
    }
}

/// Within a transaction: whether there is anything to tell of, and the answer.
fn written<T>(
    engine: &mut dyn Writing,
    work: impl FnOnce(&[Entry]) -> (Option<Line>, T),
) -> Result<(bool, T), Error> {
    let (line, answer) = work(&engine.trail()?);
    if let Some(line) = &line {
        engine.enter(line)?;
        engine.commit()?;
    }
    Ok((line.is_some(), answer))
}
