//! Who works on what: packages in parallel, the longest way to the end first.
//!
//! ```text
//! ready (a heap by weight) ──> worker 1 … n ──> done: dependents become ready
//! ```
//!
//! After a failure nothing new is started; what runs comes to its end. Whoever keeps
//! going starts all that does not need what failed.

use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex};

/// One piece of work.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Tasks that must be done before, by their place.
    pub needs: Vec<usize>,
    /// Among tasks that could start, the heaviest does.
    pub weight: u64,
}

/// Gives each task the cost of the longest way from it to the end. Tasks come after
/// what they need.
pub fn weigh(tasks: &mut [Task], cost: impl Fn(usize) -> u64) {
    let mut above = vec![0; tasks.len()];
    for place in (0..tasks.len()).rev() {
        tasks[place].weight = cost(place).saturating_add(above[place]);
        for &need in &tasks[place].needs {
            above[need] = above[need].max(tasks[place].weight);
        }
    }
}

struct State<T, E> {
    /// Weight, and the place reversed so that earlier ones win a tie.
    ready: BinaryHeap<(u64, std::cmp::Reverse<usize>)>,
    missing: Vec<usize>,
    results: Vec<Option<T>>,
    running: usize,
    failed: Vec<(usize, E)>,
}

/// What a failure means for the tasks that do not need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They are left.
    Stop,
    /// They are done all the same.
    KeepGoing,
}

/// Does all `tasks` with at most `jobs` threads. `work(place, results of its needs)`
/// is called once for each.
///
/// # Errors
///
/// The failures of `work` with their places, in the order they happened, and what was
/// done all the same.
pub fn run<T: Clone + Send, E: Send>(
    jobs: usize,
    tasks: &[Task],
    on_failure: OnFailure,
    work: impl Fn(usize, Vec<T>) -> Result<T, E> + Sync,
) -> (Vec<Option<T>>, Vec<(usize, E)>) {
    let mut dependents = vec![Vec::new(); tasks.len()];
    for (place, task) in tasks.iter().enumerate() {
        for &need in &task.needs {
            dependents[need].push(place);
        }
    }
    let missing: Vec<usize> = tasks.iter().map(|task| task.needs.len()).collect();
    let entry = |place: usize| (tasks[place].weight, std::cmp::Reverse(place));
    let ready = (0..tasks.len()).filter(|place| missing[*place] == 0).map(entry).collect();
    let results = vec![None; tasks.len()];
    let state = Mutex::new(State { ready, missing, results, running: 0, failed: Vec::new() });
    let changed = Condvar::new();

    let worker = || {
        let mut guard = state.lock().expect("work does not run under the lock");
        loop {
            let stopped = on_failure == OnFailure::Stop && !guard.failed.is_empty();
            if stopped || (guard.ready.is_empty() && guard.running == 0) {
                changed.notify_all();
                return;
            }
            let Some((_, std::cmp::Reverse(place))) = guard.ready.pop() else {
                guard = changed.wait(guard).expect("work does not run under the lock");
                continue;
            };
            guard.running += 1;
            let needs = tasks[place].needs.iter();
            let needs = needs.map(|need| guard.results[*need].clone().expect("it was ready"));
            let needs = needs.collect();
            drop(guard);
            let result = work(place, needs);
            guard = state.lock().expect("work does not run under the lock");
            guard.running -= 1;
            match result {
                Ok(value) => {
                    guard.results[place] = Some(value);
                    for &dependent in &dependents[place] {
                        guard.missing[dependent] -= 1;
                        if guard.missing[dependent] == 0 {
                            guard.ready.push(entry(dependent));
                        }
                    }
                }
                Err(error) => {
                    guard.failed.push((place, error));
                }
            }
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.clamp(1, tasks.len().max(1)) {
            scope.spawn(worker);
        }
        worker();
    });
    let state = state.into_inner().expect("work does not run under the lock");
    (state.results, state.failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(needs: &[usize], weight: u64) -> Task {
        Task { needs: needs.to_vec(), weight }
    }

    #[test]
    fn everything_is_done_once_and_after_what_it_needs() {
        // 0 <- 1 <- 3, 0 <- 2 <- 3, 4 alone.
        let tasks = [task(&[], 1), task(&[0], 1), task(&[0], 1), task(&[1, 2], 1), task(&[], 1)];
        for jobs in [1, 2, 8] {
            let work = |place, needs: Vec<usize>| Ok::<_, ()>(place + needs.iter().sum::<usize>() * 10);
            let (results, failed) = run(jobs, &tasks, OnFailure::Stop, work);
            assert_eq!(failed, []);
            assert_eq!(results, [Some(0), Some(1), Some(2), Some(33), Some(4)]);
        }
    }

    #[test]
    fn the_heaviest_ready_task_starts_first() {
        let tasks = [task(&[], 1), task(&[], 5), task(&[], 5), task(&[1], 9)];
        let order = Mutex::new(Vec::new());
        let (_, failed) = run(1, &tasks, OnFailure::Stop, |place, _: Vec<()>| -> Result<(), ()> {
            order.lock().expect("one thread").push(place);
            Ok(())
        });
        assert_eq!(failed, []);
        assert_eq!(*order.lock().expect("one thread"), [1, 3, 2, 0]);
    }

    #[test]
    fn a_task_weighs_what_waits_for_it() {
        // 0 <- 1 <- 3, 0 <- 2: the way over 3 is the longest.
        let mut tasks = [task(&[], 0), task(&[0], 0), task(&[0], 0), task(&[1], 0)];
        weigh(&mut tasks, |place| [1, 2, 4, 8][place]);
        assert_eq!(tasks.map(|task| task.weight), [11, 10, 4, 8]);
    }

    #[test]
    fn after_a_failure_nothing_above_it_starts() {
        let tasks = [task(&[], 2), task(&[0], 1), task(&[], 1)];
        let work = |place, _: Vec<usize>| if place == 0 { Err("broken") } else { Ok(place) };
        let (results, failed) = run(1, &tasks, OnFailure::Stop, work);
        assert_eq!((results, failed), (vec![None, None, None], vec![(0, "broken")]));
        let (results, failed) = run(1, &tasks, OnFailure::KeepGoing, work);
        assert_eq!((results, failed), (vec![None, None, Some(2)], vec![(0, "broken")]));
    }

    #[test]
    fn no_task_at_all_is_done_at_once() {
        let (results, failed) = run(4, &[], OnFailure::Stop, |_, _: Vec<()>| Ok::<(), ()>(()));
        assert!(results.is_empty() && failed.is_empty());
    }
}
