use harness::{check_answer, Failure, Options, Problem};

// The leaves of `count` siblings of a depth: the others are the task, the first is called here.
fn siblings(depth: i64, breadth: i64, count: i64) -> i64 {
    if count == 1 {
        return dfs(depth, breadth);
    }
    let (one, others) = rayon::join(|| dfs(depth, breadth), || siblings(depth, breadth, count - 1));
    one + others
}

fn dfs(depth: i64, breadth: i64) -> i64 {
    if depth == 0 {
        1
    } else {
        siblings(depth - 1, breadth, breadth)
    }
}

struct Tree {
    depth: i64,
    breadth: i64,
}

impl Problem for Tree {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(Tree { depth: options.required("size", 0, 12)?, breadth: options.optional("breadth", 8, 1, 16)? })
    }

    fn solve(&mut self) -> i64 {
        dfs(self.depth, self.breadth)
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, self.breadth.pow(self.depth as u32))
    }
}

fn main() {
    harness::run::<Tree>()
}
