//! What a decision costs as a server: `Decide` beside an empty handler behind the very same server, beside the bare
//! transaction of the same bytes, and beside a file that is only appended to. Prints figures and asserts nothing:
//! machines differ, and this one is shared.
//!
//! `cargo bench --profile dist --bench serve`, or with `-- shadows` for those alone, or with `-- shadows PROGRAM` beside
//! a `doorstep` that was built before. Servers are processes of their own, so that their CPU time is theirs alone; slices
//! of load alternate in mirrored order (A B B A), ratios are medians over such groups, and A/A is what the limit differs
//! from itself in the same run: a smaller difference than that is none.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark talks, and may stop"
)]

mod bare;
mod child;
mod empty;
mod load;
mod orders;
mod pair;
mod shadows;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;
use tokio::runtime;

use bare::Bare;
use child::Child;
use load::{Shape, Slice, Target};
use orders::Orders;
use pair::Pair;

/// The allocator of the binary, in the empty server and in the client too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SLICE: Duration = Duration::from_millis(600);
/// How many in flight where the store is compared: as many as it takes together.
const MANY: Shape = Shape::Unary(64);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = |threads: &mut runtime::Builder| threads.enable_all().build().unwrap();
    match words.as_slice() {
        [word, answer, ..] if word == empty::WORD => {
            runtime(&mut runtime::Builder::new_multi_thread()).block_on(empty::serve(answer));
        }
        words => {
            let mut rest = words.iter().skip_while(|it| *it != shadows::WORD);
            let only_shadows = rest.next().is_some();
            // What cargo itself adds is no program.
            let before = rest.find(|it| !it.starts_with('-')).map(Path::new);
            let work = compare(only_shadows, before);
            runtime(&mut runtime::Builder::new_current_thread()).block_on(work);
        }
    }
}

async fn compare(only_shadows: bool, before: Option<&Path>) {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (child, started) = Child::doorstep(&data);
    say_started("start on nothing", &child, started);
    let decide = Served::told(child).await;
    if let Some(before) = before {
        let (child, _) = Child::built(before, &place.path().join("before"));
        return shadows::beside(&Served::told(child).await, &decide).await;
    }
    if only_shadows {
        return shadows::compare(&decide).await;
    }
    let bare = Bare::copy(&data, &place.path().join("bare.sqlite3"));
    let history_bytes = bytes_in(&data);

    let empty_us = beside_empty(&decide, place.path()).await;
    let unary = beside_store(&decide, bare, &data, place.path(), empty_us).await;
    batches(&decide, unary).await;
    quarter(&decide, unary / 4.0).await;

    let decisions = decide.target.decided();
    println!(
        "after {decisions} decisions: {} MiB at most, a decision holds {} bytes on disk",
        decide.child.memory_mib("VmHWM:"),
        (bytes_in(&data) - history_bytes) / decisions
    );
    shadows::compare(&decide).await;
    drop(decide);
    let (again, started) = Child::doorstep(&data);
    say_started("start after SIGKILL", &again, started);
}

/// A server with what to ask it.
struct Served {
    target: Target,
    child: Child,
    orders: Arc<Orders>,
}

impl Served {
    /// A server that was told every customer's history.
    async fn told(child: Child) -> Self {
        let orders = Arc::new(Orders::new());
        let begun = Instant::now();
        let events = load::history(child.address(), &orders).await;
        println!(
            "history: {events} events of {} customers in {:.1} s",
            orders::CUSTOMERS,
            begun.elapsed().as_secs_f64()
        );
        Self {
            target: Target::connect(child.address()).await,
            child,
            orders,
        }
    }

    async fn slice(&self, shape: Shape) -> Slice {
        load::closed(&self.target, &self.child, shape, SLICE, &self.orders).await
    }
}

/// `Decide` beside the empty handler; the empty handler's CPU an order with many in flight.
async fn beside_empty(decide: &Served, place: &Path) -> f64 {
    let orders = &decide.orders;
    let answer = decide.target.one(orders.next()).await;
    println!(
        "a request has {} bytes, its answer {}: {}",
        orders.next().encoded_len(),
        answer.encoded_len(),
        answer.decision.as_ref().unwrap().action().as_str_name()
    );
    let file = place.join("answer.binpb");
    std::fs::write(&file, answer.encode_to_vec()).unwrap();
    let child = Child::empty(&file);
    let empty = Served {
        target: Target::connect(child.address()).await,
        child,
        orders: Arc::clone(orders),
    };
    let mut empty_us = f64::NAN;
    for shape in [Shape::Unary(1), Shape::Unary(16), MANY] {
        let (a, b) = (
            async || empty.slice(shape).await,
            async || decide.slice(shape).await,
        );
        let pair = Pair::run(["empty handler", "Decide"], a, b).await;
        pair.print(&shape.name());
        empty_us = pair.of(0, Slice::cpu_us);
    }
    empty_us
}

/// `Decide` with many in flight beside what the store costs alone; its orders a second.
async fn beside_store(
    decide: &Served,
    mut bare: Bare,
    data: &Path,
    place: &Path,
    empty_us: f64,
) -> f64 {
    bare.learn(data);
    let own = async || decide.slice(MANY).await;
    let pair = Pair::run(["bare SQLite", "Decide"], async || bare.slice(SLICE), own).await;
    pair.print("the same rows, 64 a transaction");
    let rest = pair.of(1, Slice::cpu_us) - pair.of(0, Slice::cpu_us);
    println!(
        "  Decide's CPU without the bare transaction's, by the empty handler's: {:.2} (aim: at most 1.5)",
        rest / empty_us
    );
    let mut file = std::fs::File::create(place.join("appended")).unwrap();
    let bytes = bare.bytes();
    let floor = async || bare::append(&mut file, bytes, SLICE);
    let own = async || decide.slice(MANY).await;
    let floor = Pair::run(["append + sync", "Decide"], floor, own).await;
    floor.print("the same bytes, 64 an fdatasync");
    pair.of(1, Slice::per_second)
}

/// Batches beside calls with one order each, of which there were so many a second.
async fn batches(decide: &Served, unary: f64) {
    let shape = Shape::Batches(4);
    let own = async || decide.slice(shape).await;
    let pair = Pair::run(["Decide", "Decide"], own, own).await;
    pair.print(&shape.name());
    let rate = pair.of(1, Slice::per_second);
    println!(
        "  orders/s by those of 64 unary calls in flight: {:.2} (aim: at least 2)",
        rate / unary
    );
}

/// Latency at a load that leaves room.
async fn quarter(decide: &Served, per_second: f64) {
    let length = Duration::from_secs(5);
    let open = load::open(
        &decide.target,
        &decide.child,
        per_second,
        length,
        &decide.orders,
    )
    .await;
    println!("open loop at a quarter of that, {per_second:.0} orders/s");
    println!(
        "  p50 / p99 / max, ms: {} (aim: 99 % within 30, all within 60)",
        open.latencies()
    );
}

fn say_started(what: &str, child: &Child, started: Duration) {
    println!(
        "{what}: {:.0} ms to the first line, {} MiB",
        started.as_secs_f64() * 1e3,
        child.memory_mib("VmRSS:")
    );
}

fn bytes_in(directory: &Path) -> u64 {
    let files = std::fs::read_dir(directory).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}
