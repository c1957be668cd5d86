use harness::{check_answer, spin_for, Failure, Options, Problem};
use rayon::Scope;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

struct Bouncing {
    depth: i64,
    width: i64,
    duration: Duration,
    ran: AtomicI64,
}

impl Bouncing {
    fn produce<'a>(&'a self, scope: &Scope<'a>, depth: i64) {
        if depth == 0 {
            return;
        }
        scope.spawn(move |inner| self.produce(inner, depth - 1));
        for _ in 0..self.width {
            scope.spawn(move |_| self.consume());
        }
    }

    fn consume(&self) {
        spin_for(self.duration);
        self.ran.fetch_add(1, Ordering::Relaxed);
    }
}

impl Problem for Bouncing {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(Bouncing {
            depth: options.required("size", 1, 1_000_000)?,
            width: options.optional("width", 999, 1, 1_000_000)?,
            duration: Duration::from_micros(options.optional("task-us", 1, 0, 1_000_000)? as u64),
            ran: AtomicI64::new(0),
        })
    }

    fn prepare(&mut self) {
        *self.ran.get_mut() = 0;
    }

    fn solve(&mut self) -> i64 {
        let this = &*self;
        rayon::scope(|scope| this.produce(scope, this.depth));
        *self.ran.get_mut()
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, self.depth * self.width)
    }
}

fn main() {
    harness::run::<Bouncing>()
}
