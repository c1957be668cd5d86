use harness::{check_answer, Failure, Options, Problem};

struct Fib {
    n: i64,
}

fn fib(n: i64) -> i64 {
    if n < 2 {
        return n;
    }
    let (left, right) = rayon::join(|| fib(n - 1), || fib(n - 2));
    left + right
}

impl Problem for Fib {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(Fib { n: options.required("size", 0, 90)? })
    }

    fn solve(&mut self) -> i64 {
        fib(self.n)
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        let (mut here, mut next) = (0, 1);
        for _ in 0..self.n {
            (here, next) = (next, here + next);
        }
        check_answer(answer, here)
    }
}

fn main() {
    harness::run::<Fib>()
}
