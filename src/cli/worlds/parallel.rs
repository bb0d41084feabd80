//! Many independent pieces of work on some threads: the answers come in the order of the work, whoever did it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does every job; the first failure in the order of the jobs, if any, ends it.
///
/// `done` is called after each job, on any thread.
///
/// # Errors
/// That failure.
pub(crate) fn all<J: Sync, T: Send, E: Send>(
    jobs: &[J],
    threads: usize,
    work: impl Fn(&J) -> Result<T, E> + Sync,
    done: impl Fn() + Sync,
) -> Result<Vec<T>, E> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let answers = Mutex::new(Vec::with_capacity(jobs.len()));
    let one = || {
        while !stop.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { break };
            let answer = work(job);
            if answer.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            let mut answers = answers
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            answers.push((at, answer));
            done();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(one);
        }
        one();
    });
    let answers = answers.into_inner();
    let mut answers = answers.unwrap_or_else(std::sync::PoisonError::into_inner);
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn answers_come_in_the_order_of_the_work_on_any_number_of_threads() {
        let jobs: Vec<u32> = (0..100).collect();
        for threads in [0, 1, 3, 8] {
            let answers = all(&jobs, threads, |job| Ok::<u32, ()>(job * job), || {}).unwrap();
            assert!(
                answers
                    .iter()
                    .zip(&jobs)
                    .all(|(answer, job)| *answer == job * job)
            );
        }
    }

    #[test]
    fn a_failure_ends_it() {
        let jobs: Vec<u32> = (0..100).collect();
        let work = |job: &u32| if *job == 3 { Err(*job) } else { Ok(()) };
        assert_eq!(all(&jobs, 1, work, || {}), Err(3));
    }
}
