use harness::{check_answer, spin_for, Failure, Options, Problem};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

struct SingleProducer {
    tasks: i64,
    duration: Duration,
    ran: AtomicI64,
}

impl SingleProducer {
    fn consume(&self) {
        spin_for(self.duration);
        self.ran.fetch_add(1, Ordering::Relaxed);
    }
}

impl Problem for SingleProducer {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(SingleProducer {
            tasks: options.required("size", 1, 100_000_000)?,
            duration: Duration::from_micros(options.optional("task-us", 10, 0, 1_000_000)? as u64),
            ran: AtomicI64::new(0),
        })
    }

    fn prepare(&mut self) {
        *self.ran.get_mut() = 0;
    }

    fn solve(&mut self) -> i64 {
        let this = &*self;
        rayon::scope(|scope| {
            for _ in 0..this.tasks {
                scope.spawn(|_| this.consume());
            }
        });
        *self.ran.get_mut()
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, self.tasks)
    }
}

fn main() {
    harness::run::<SingleProducer>()
}
