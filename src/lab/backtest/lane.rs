//! Work that several threads do and one takes in, in order, while they go on.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Tasks a thread may be ahead of what was taken in: memory for so many results.
const AHEAD: usize = 4;

/// Does all tasks and takes in their results in the order of the tasks, until `take` does not go on; with one thread, one
/// after the other.
///
/// # Errors
/// The first of `take`'s.
pub(super) fn in_order<T: Sync, R: Send, E>(
    threads: usize,
    tasks: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(tasks.len());
    if threads < 2 {
        return tasks.iter().try_for_each(|task| take(work(task)));
    }
    let lane = Lane {
        state: Mutex::new(State {
            next: 0,
            taken: 0,
            working: threads,
            stopped: false,
            done: BTreeMap::new(),
        }),
        moved: Condvar::new(),
        ahead: threads * AHEAD,
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaving = Leaving(&lane);
                while let Some((place, task)) = lane.task(tasks) {
                    lane.put(place, work(task));
                }
            });
        }
        // However this ends, nobody starts another task.
        let _stopping = Stopping(&lane);
        for place in 0..tasks.len() {
            // None: a thread panicked, and so does the scope.
            let Some(result) = lane.result(place) else {
                return Ok(());
            };
            take(result)?;
        }
        Ok(())
    })
}

struct State<R> {
    /// The task that nobody has yet.
    next: usize,
    /// So many results were taken in.
    taken: usize,
    /// Threads that work.
    working: usize,
    stopped: bool,
    done: BTreeMap<usize, R>,
}

struct Lane<R> {
    state: Mutex<State<R>>,
    moved: Condvar,
    ahead: usize,
}

impl<R> Lane<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<R>>) -> MutexGuard<'a, State<R>> {
        self.moved
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task, not too far ahead; none: there is none.
    fn task<'t, T>(&self, tasks: &'t [T]) -> Option<(usize, &'t T)> {
        let mut state = self.lock();
        while !state.stopped && state.next < tasks.len() && state.next >= state.taken + self.ahead {
            state = self.wait(state);
        }
        let place = state.next;
        let task = tasks.get(place).filter(|_| !state.stopped)?;
        state.next += 1;
        Some((place, task))
    }

    fn put(&self, place: usize, result: R) {
        self.lock().done.insert(place, result);
        self.moved.notify_all();
    }

    /// The result of a task, once it is there; none: nobody works at it.
    fn result(&self, place: usize) -> Option<R> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.done.remove(&place) {
                state.taken = place + 1;
                drop(state);
                self.moved.notify_all();
                return Some(result);
            }
            if state.working == 0 {
                return None;
            }
            state = self.wait(state);
        }
    }
}

/// A thread that ends, in whatever way.
struct Leaving<'a, R>(&'a Lane<R>);

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.working -= 1;
        // What it was at will never be there.
        state.stopped |= std::thread::panicking();
        drop(state);
        self.0.moved.notify_all();
    }
}

/// The end of taking in.
struct Stopping<'a, R>(&'a Lane<R>);

impl<R> Drop for Stopping<'_, R> {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn results_come_in_order_on_any_number_of_threads_until_it_is_enough() {
        let tasks: Vec<u64> = (0..200).collect();
        for threads in [0, 1, 2, 3, 7, 500] {
            for enough in [0, 1, 50, 1_000] {
                let mut taken = Vec::new();
                let told = in_order(
                    threads,
                    &tasks,
                    |task| task * task,
                    |result| {
                        taken.push(result);
                        if taken.len() > enough {
                            Err("enough")
                        } else {
                            Ok(())
                        }
                    },
                );
                let expected = tasks.iter().map(|it| it * it).take(enough + 1);
                assert_eq!(taken, expected.collect::<Vec<_>>(), "{threads}, {enough}");
                assert_eq!(told.is_err(), enough < tasks.len(), "{threads}, {enough}");
            }
        }
        assert_eq!(in_order(3, &[0; 0], |it| *it, |_| Err(())), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_ends_all() {
        let tasks: Vec<u64> = (0..200).collect();
        let work = |task: &u64| assert_ne!(*task, 20);
        in_order(2, &tasks, work, |()| Ok::<_, ()>(())).unwrap();
    }
}
