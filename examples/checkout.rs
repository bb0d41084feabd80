//! How a checkout calls doorstep, and what it does when doorstep is down.
//!
//! A decision that is not recorded cannot be replayed or defended, so doorstep answers `UNAVAILABLE`
//! rather than guess. The caller's rule for that, here as code: on `UNAVAILABLE`,
//! `RESOURCE_EXHAUSTED` or a timeout **place the order all the same**, treat it as `NONE` below a
//! value cap and hold it above, and send the same call again later. That is safe: the same order with
//! the same content is one decision, and dispatch decides again in any case.
//!
//! Run it against `doorstep serve` or `doorstep demo`:
//! `cargo run --example checkout -- 127.0.0.1:50051`

use std::collections::VecDeque;
use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use doorstep::api::wire::pb;
use pb::decision_service_client::DecisionServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// What the checkout does with an order.
#[derive(Debug)]
enum Placed {
    /// doorstep decided: show what the delivery will ask.
    Decided(Box<pb::Decision>),
    /// Nobody decided yet, and little is at stake: deliver as usual.
    AsNone,
    /// Nobody decided yet, and much is at stake: keep it in the warehouse until somebody has.
    Held,
}

/// A checkout's side of doorstep.
#[derive(Debug)]
struct Checkout {
    doorstep: DecisionServiceClient<Channel>,
    /// How long a shopper may be kept waiting.
    patience: Duration,
    /// From this amount (minor units) an undecided order is held.
    held_from_minor: i64,
    /// Calls that have to be sent again.
    again: VecDeque<pb::Order>,
}

impl Checkout {
    /// A checkout that asks the doorstep at `address`. Connecting is left to the first call, so that
    /// a checkout starts without doorstep.
    fn new(address: &str) -> Result<Self, tonic::transport::Error> {
        let channel = Endpoint::from_shared(format!("http://{address}"))?.connect_lazy();
        Ok(Self {
            doorstep: DecisionServiceClient::new(channel),
            patience: Duration::from_millis(300),
            held_from_minor: 30_000,
            again: VecDeque::new(),
        })
    }

    /// Places an order. It is placed whatever doorstep says.
    ///
    /// # Errors
    /// Only where the call itself is wrong, which is a bug of the checkout.
    async fn place(&mut self, order: pb::Order) -> Result<Placed, Status> {
        match self.ask(order.clone()).await {
            Ok(decision) => Ok(Placed::Decided(decision)),
            Err(status) if may_ask_again(&status) => {
                let held = amount_minor(&order) >= self.held_from_minor;
                self.again.push_back(order);
                Ok(if held { Placed::Held } else { Placed::AsNone })
            }
            Err(wrong) => Err(wrong),
        }
    }

    /// Sends again what is still undecided, oldest first; call it now and then. Answers with what was decided.
    async fn send_again(&mut self) -> Vec<pb::Decision> {
        let mut decided = Vec::new();
        while let Some(order) = self.again.front().cloned() {
            match self.ask(order).await {
                Ok(decision) => decided.push(*decision),
                Err(status) if may_ask_again(&status) => break,
                // A wrong call stays wrong: somebody has to look, and dispatch decides in any case.
                Err(_wrong) => {}
            }
            self.again.pop_front();
        }
        decided
    }

    async fn ask(&mut self, order: pb::Order) -> Result<Box<pb::Decision>, Status> {
        let mut request = Request::new(pb::DecideRequest {
            order: Some(order),
            view: pb::DecisionView::Basic.into(),
            ..pb::DecideRequest::default()
        });
        request.set_timeout(self.patience);
        let call = self.doorstep.decide(request);
        // The deadline is told to the server, and kept here too: a network can swallow both.
        let late = |_elapsed| Status::deadline_exceeded("nobody answered in time");
        let answer = tokio::time::timeout(self.patience, call)
            .await
            .map_err(late)??;
        let decision = answer.into_inner().decision;
        decision
            .map(Box::new)
            .ok_or_else(|| Status::internal("an answer without a decision"))
    }
}

/// Whether the same call may do better later.
fn may_ask_again(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded | Code::Cancelled
    )
}

/// What the whole order costs.
fn amount_minor(order: &pb::Order) -> i64 {
    let line = |item: &pb::Item| {
        let quantity = i64::from(item.quantity.unwrap_or(1));
        item.unit_price_minor.unwrap_or(0).saturating_mul(quantity)
    };
    order.items.iter().map(line).fold(0, i64::saturating_add)
}

/// The smallest order that can get every action.
fn order(order_id: &str, price_minor: i64) -> pb::Order {
    pb::Order {
        order_id: order_id.to_owned(),
        customer_id: "customer-1".to_owned(),
        currency_code: "EUR".to_owned(),
        items: vec![pb::Item {
            unit_price_minor: Some(price_minor),
            category: pb::Category::Phone.into(),
            ..pb::Item::default()
        }],
        delivery: Some(pb::Delivery {
            address_key: "address-1".to_owned(),
            ..pb::Delivery::default()
        }),
        contacts: vec![pb::Contact {
            contact_id: "sms-1".to_owned(),
            kind: pb::ContactKind::Sms.into(),
            verified: Some(true),
            ..pb::Contact::default()
        }],
        ..pb::Order::default()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:50051".to_owned());
    let mut checkout = Checkout::new(&address)?;
    let placed = checkout.place(order("checkout-example-1", 89_900)).await?;
    let mut out = std::io::stdout().lock();
    match placed {
        Placed::Decided(decision) => {
            writeln!(
                out,
                "the delivery asks: {}",
                decision.action().as_str_name()
            )?;
            for reason in &decision.reasons {
                writeln!(out, "because: {}", reason.customer_text)?;
            }
        }
        Placed::AsNone => writeln!(out, "placed; doorstep is down, delivered as usual")?,
        Placed::Held => writeln!(out, "placed; doorstep is down, held in the warehouse")?,
    }
    let decided = checkout.send_again().await;
    writeln!(
        out,
        "{} decided later, {} waiting",
        decided.len(),
        checkout.again.len()
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_sent_again() {
        let check = |status: Status, expected: bool| {
            assert_eq!(may_ask_again(&status), expected, "{:?}", status.code());
        };
        check(Status::unavailable("the store cannot be written"), true);
        check(Status::resource_exhausted("too many calls"), true);
        check(Status::deadline_exceeded("late"), true);
        check(Status::invalid_argument("order.items"), false);
        check(Status::failed_precondition("dispatched"), false);
        check(Status::internal("a bug"), false);
    }

    #[tokio::test]
    async fn while_nobody_listens_small_orders_go_out_and_dear_ones_are_held() {
        // A port that was free a moment ago, and that nobody took: the listener is dropped.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let mut checkout = Checkout::new(&address).unwrap();
        assert!(matches!(
            checkout.place(order("o1", 29_999)).await,
            Ok(Placed::AsNone)
        ));
        assert!(matches!(
            checkout.place(order("o2", 30_000)).await,
            Ok(Placed::Held)
        ));
        assert!(checkout.send_again().await.is_empty());
        let waiting: Vec<_> = checkout
            .again
            .iter()
            .map(|it| it.order_id.as_str())
            .collect();
        assert_eq!(waiting, ["o1", "o2"]);
    }

    #[tokio::test]
    async fn a_service_that_never_answers_keeps_no_shopper_waiting() {
        // It listens and says nothing.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut checkout = Checkout::new(&silent.local_addr().unwrap().to_string()).unwrap();
        checkout.patience = Duration::from_millis(20);
        assert!(matches!(
            checkout.place(order("o1", 89_900)).await,
            Ok(Placed::Held)
        ));
    }
}
