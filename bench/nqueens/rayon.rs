use harness::{check_answer, Failure, Options, Problem};

const MAX_SIZE: usize = 16;
const SOLUTIONS: [i64; MAX_SIZE + 1] =
    [1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512];

#[derive(Clone, Copy)]
struct Board {
    columns: [i8; MAX_SIZE],
    rows: i8,
    size: i8,
}

impl Board {
    // A queen in `column` of the next row attacks none of the others.
    fn accepts(&self, column: i8) -> bool {
        let queens = &self.columns[..self.rows as usize];
        for (rows, queen) in (1..).zip(queens.iter().rev()) {
            let distance = i32::from(column) - i32::from(*queen);
            if distance == 0 || distance == rows || distance == -rows {
                return false;
            }
        }
        true
    }

    fn with(mut self, column: i8) -> Board {
        self.columns[self.rows as usize] = column;
        self.rows += 1;
        self
    }
}

// Those with the next queen in `column` or behind: one task for the first safe column, and the rest here.
fn solutions_from(first: i8, board: &Board) -> i64 {
    for column in first..board.size {
        if board.accepts(column) {
            let next = board.with(column);
            let (behind, here) = rayon::join(|| solutions_from(column + 1, board), || solutions(&next));
            return here + behind;
        }
    }
    0
}

fn solutions(board: &Board) -> i64 {
    if board.rows == board.size {
        1
    } else {
        solutions_from(0, board)
    }
}

struct Queens {
    size: i64,
}

impl Problem for Queens {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(Queens { size: options.required("size", 1, MAX_SIZE as i64)? })
    }

    fn solve(&mut self) -> i64 {
        solutions(&Board { columns: [0; MAX_SIZE], rows: 0, size: self.size as i8 })
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, SOLUTIONS[self.size as usize])
    }
}

fn main() {
    harness::run::<Queens>()
}
