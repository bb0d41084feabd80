//! Starts the real binary, speaks to it over the wire, and ends it politely or by SIGKILL. Orders
//! to send are made here too; what is asserted of them is not.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use doorstep::api::wire::pb;
use pb::decision_service_client::DecisionServiceClient;
use pb::history_service_client::HistoryServiceClient;
use tonic::transport::{Channel, Endpoint};

/// The server under test.
const BINARY: &str = env!("CARGO_BIN_EXE_doorstep");

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    grpc: String,
    log: PathBuf,
}

/// Both services over one connection.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) decisions: DecisionServiceClient<Channel>,
    pub(crate) history: HistoryServiceClient<Channel>,
    pub(crate) channel: Channel,
}

impl Server {
    /// Starts a server on free ports and waits until it says that it is ready.
    pub(crate) fn start(data: &Path, options: &[&str]) -> Self {
        let log = data.with_extension("log");
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--metrics"])
            .args(["127.0.0.1:0", "--data"])
            .arg(data)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let grpc = loop {
            let Some(line) = lines.next() else {
                let _ = child.kill();
                panic!("no start: {}", std::fs::read_to_string(&log).unwrap());
            };
            if let Some(address) = line.unwrap().strip_prefix("grpc ") {
                break address.to_owned();
            }
        };
        // Kept read, so that the server never meets a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, grpc, log }
    }

    /// A new connection.
    pub(crate) async fn client(&self) -> Client {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.grpc)).unwrap();
        let channel = endpoint.connect().await.unwrap();
        Client {
            decisions: DecisionServiceClient::new(channel.clone()),
            history: HistoryServiceClient::new(channel.clone()),
            channel,
        }
    }

    /// SIGKILL: no word of farewell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as an operator would.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap()
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    /// Decides one order, in the FULL view.
    pub(crate) async fn decide(&self, order: pb::Order) -> Result<pb::Decision, tonic::Status> {
        let request = pb::DecideRequest {
            order: Some(order),
            view: pb::DecisionView::Full.into(),
            ..Default::default()
        };
        let answer = self.decisions.clone().decide(request).await?;
        Ok(answer.into_inner().decision.unwrap())
    }

    /// The latest revision of an order.
    pub(crate) async fn get(&self, order_id: &str) -> Result<pb::Decision, tonic::Status> {
        let request = pb::GetDecisionRequest {
            order_id: order_id.to_owned(),
            view: pb::DecisionView::Full.into(),
            ..Default::default()
        };
        let answer = self.decisions.clone().get_decision(request).await?;
        Ok(answer.into_inner().decision.unwrap())
    }

    /// Judges a decision again.
    pub(crate) async fn replay(&self, decision_id: &str) -> pb::ReplayDecisionResponse {
        let request = pb::ReplayDecisionRequest {
            decision_id: decision_id.to_owned(),
            ..Default::default()
        };
        let answer = self.decisions.clone().replay_decision(request).await;
        answer.unwrap().into_inner()
    }

    /// Every recorded decision of a customer, up to 500.
    pub(crate) async fn list(&self, customer_id: &str) -> Vec<pb::Decision> {
        let request = pb::ListDecisionsRequest {
            customer_id: customer_id.to_owned(),
            page_size: 500,
            ..Default::default()
        };
        let answer = self.decisions.clone().list_decisions(request).await;
        answer.unwrap().into_inner().decisions
    }

    /// Records one event.
    pub(crate) async fn record(&self, event: pb::Event) -> Result<pb::EventResult, tonic::Status> {
        let request = pb::RecordEventsRequest {
            events: vec![event],
        };
        let answer = self.history.clone().record_events(request).await?;
        Ok(answer.into_inner().results.remove(0))
    }
}

/// Runs a command of the binary to its end; standard error is told where it fails.
pub(crate) fn run(arguments: &[&str], data: &Path) {
    let done = Command::new(BINARY)
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{arguments:?}: {}\n{}{}",
        done.status,
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Runs `serve` where it must not start; gives its exit code and what it said.
pub(crate) fn refused(data: &Path) -> (i32, String) {
    let done = Command::new(BINARY)
        .args(["serve", "--listen", "127.0.0.1:0", "--metrics"])
        .args(["127.0.0.1:0", "--data"])
        .arg(data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code().unwrap(), said)
}

/// An order of a laptop: dear, one parcel, every action possible.
pub(crate) fn laptop(order_id: &str, customer_id: &str, address_key: &str) -> pb::Order {
    pb::Order {
        order_id: order_id.to_owned(),
        customer_id: customer_id.to_owned(),
        currency_code: "EUR".to_owned(),
        items: vec![pb::Item {
            category: pb::Category::Laptop.into(),
            unit_price_minor: Some(90_000),
            ..Default::default()
        }],
        expected_parcels: Some(1),
        delivery: Some(pb::Delivery {
            address_key: address_key.to_owned(),
            ..Default::default()
        }),
        contacts: vec![pb::Contact {
            contact_id: format!("sms-{customer_id}"),
            kind: pb::ContactKind::Sms.into(),
            verified: Some(true),
            ..Default::default()
        }],
        ..Default::default()
    }
}
