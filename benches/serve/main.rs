//! What a decision costs as a server: `Decide` beside an empty handler behind the very same server, so that what is
//! left is ours. Prints figures and asserts nothing: machines differ, and this one is shared.
//!
//! `cargo bench --profile dist --bench serve`. Both servers are processes of their own, so that their CPU time is
//! theirs alone; slices of load alternate in mirrored order (A B B A), ratios are medians over such groups, and A/A is
//! what the same server differs from itself in the same run: a smaller difference than that is none.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark talks, and may stop"
)]

mod child;
mod empty;
mod load;
mod orders;

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorstep::api::wire::pb;
use prost::Message as _;
use tokio::runtime;

use child::Child;
use load::{Shape, Slice, Target};
use orders::Orders;

/// The allocator of the binary, in the empty server and in the client too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SLICE: Duration = Duration::from_millis(600);
const GROUPS: usize = 4;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = |threads: &mut runtime::Builder| threads.enable_all().build().unwrap();
    match words.as_slice() {
        [word, answer, ..] if word == empty::WORD => {
            runtime(&mut runtime::Builder::new_multi_thread()).block_on(empty::serve(answer));
        }
        _ => runtime(&mut runtime::Builder::new_current_thread()).block_on(compare()),
    }
}

async fn compare() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (decide, started) = Child::doorstep(&data);
    println!(
        "start on nothing: {:.0} ms to the first line, {} MiB",
        started.as_secs_f64() * 1e3,
        decide.memory_mib("VmRSS:")
    );
    let orders = Arc::new(Orders::new());
    let real = Target::connect(decide.address()).await;
    let begun = Instant::now();
    let events = load::history(decide.address(), &orders).await;
    println!(
        "history: {events} events of {} customers in {:.1} s",
        orders::CUSTOMERS,
        begun.elapsed().as_secs_f64()
    );

    let answer = real.one(orders.next()).await;
    let file = place.path().join("answer.binpb");
    std::fs::write(&file, answer.encode_to_vec()).unwrap();
    println!(
        "a request has {} bytes, its answer {}: {}",
        orders.next().encoded_len(),
        answer.encoded_len(),
        action(&answer)
    );
    let limit = Child::empty(&file);
    let empty = Target::connect(limit.address()).await;

    let mut unary = 0.0;
    for shape in [
        Shape::Unary(1),
        Shape::Unary(16),
        Shape::Unary(64),
        Shape::Batches(4),
    ] {
        let pair = Pair::run(shape, [(&empty, &limit), (&real, &decide)], &orders).await;
        pair.print(shape);
        let rate = pair.of(1, Slice::per_second);
        match shape {
            Shape::Unary(_) => unary = rate,
            Shape::Batches(_) => println!("  batches / unary, orders/s: {:.2}", rate / unary),
        }
    }

    let open = load::open(&real, unary / 4.0, Duration::from_secs(5), &orders).await;
    println!(
        "open loop at a quarter of that, {:.0} orders/s",
        unary / 4.0
    );
    println!("  p50 / p99 / max, ms{:>29}", open.latencies());

    let decisions = real.decided();
    println!(
        "after {decisions} decisions: {} MiB at most",
        decide.memory_mib("VmHWM:")
    );
    println!(
        "  a decision holds {} bytes on disk",
        bytes_in(&data) / decisions
    );
    drop(decide);
    let (again, started) = Child::doorstep(&data);
    println!(
        "  start after SIGKILL: {:.0} ms to the first line, {} MiB",
        started.as_secs_f64() * 1e3,
        again.memory_mib("VmRSS:")
    );
}

fn action(answer: &pb::DecideResponse) -> &'static str {
    answer.decision.as_ref().unwrap().action().as_str_name()
}

/// Slices of two servers in groups of A B B A.
struct Pair {
    groups: Vec<[[Slice; 2]; 2]>,
}

impl Pair {
    async fn run(shape: Shape, servers: [(&Target, &Child); 2], orders: &Arc<Orders>) -> Self {
        let [a, b] = servers;
        let slice = async |(target, child): (&Target, &Child)| {
            load::closed(target, child, shape, SLICE, orders).await
        };
        let _warm = (slice(a).await, slice(b).await);
        let mut groups = Vec::new();
        for _ in 0..GROUPS {
            let first = slice(a).await;
            let middle = [slice(b).await, slice(b).await];
            groups.push([[first, slice(a).await], middle]);
        }
        Self { groups }
    }

    /// The median over all slices of one server.
    fn of(&self, server: usize, figure: impl Fn(&Slice) -> f64) -> f64 {
        let slices = self
            .groups
            .iter()
            .flat_map(|group| group.get(server).unwrap());
        median(slices.map(figure).collect())
    }

    /// The median ratio of the second server to the first, and how far the first is from itself.
    fn ratio(&self, figure: impl Fn(&Slice) -> f64) -> (f64, f64) {
        let sum = |slices: &[Slice; 2]| slices.iter().map(&figure).sum::<f64>();
        let ratios = self.groups.iter().map(|[a, b]| sum(b) / sum(a));
        let same = self.groups.iter().map(|[[first, last], _]| {
            let ratio = figure(last) / figure(first);
            ratio.max(1.0 / ratio)
        });
        (median(ratios.collect()), median(same.collect()))
    }

    fn print(&self, shape: Shape) {
        println!(
            "{:<32}{:>14}{:>14}{:>8}{:>8}",
            shape.name(),
            "empty handler",
            "Decide",
            "ratio",
            "A/A"
        );
        let line = |name: &str, figure: &dyn Fn(&Slice) -> f64, digits: usize| {
            let (ratio, same) = self.ratio(figure);
            println!(
                "  {name:<30}{:>14.digits$}{:>14.digits$}{ratio:>8.2}{same:>8.2}",
                self.of(0, figure),
                self.of(1, figure),
            );
        };
        line("orders/s", &Slice::per_second, 0);
        line("server CPU, us an order", &Slice::cpu_us, 1);
        line("  but for the store's writer", &Slice::faces_us, 1);
        line("p50, ms", &|it| it.percentile(50), 2);
        line("p99, ms", &|it| it.percentile(99), 2);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.get(half.saturating_sub(1)..=half) {
        Some([low, high]) if figures.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        _ => figures.get(half).copied().unwrap_or(f64::NAN),
    }
}

fn bytes_in(directory: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(directory).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}
