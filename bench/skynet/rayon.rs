use harness::{check_answer, Failure, Options, Problem};

const CHILDREN: i64 = 10;

// The sum of `count` siblings of `leaves` leaves each: the others are the task, the first is called here.
fn siblings(first: i64, leaves: i64, count: i64) -> i64 {
    if count == 1 {
        return skynet(first, leaves);
    }
    let (one, others) = rayon::join(|| skynet(first, leaves), || siblings(first + leaves, leaves, count - 1));
    one + others
}

fn skynet(first: i64, leaves: i64) -> i64 {
    if leaves == 1 {
        first
    } else {
        siblings(first, leaves / CHILDREN, CHILDREN)
    }
}

struct Skynet {
    leaves: i64,
}

impl Problem for Skynet {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        let leaves = options.required("size", 1, 1_000_000_000)?;
        let mut power = 1;
        while power < leaves {
            power *= CHILDREN;
        }
        if power != leaves {
            return Err(Failure::Usage("--size takes a power of ten".to_string()));
        }
        Ok(Skynet { leaves })
    }

    fn solve(&mut self) -> i64 {
        skynet(0, self.leaves)
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, self.leaves * (self.leaves - 1) / 2)
    }
}

fn main() {
    harness::run::<Skynet>()
}
