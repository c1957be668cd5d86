use harness::{Failure, Options, Problem};
use rayon::prelude::*;
use std::f64::consts::PI;
use std::mem;

const STRIP_ROWS: usize = 10;
const RATE: f64 = 0.2;

struct Heat {
    rows: usize,
    columns: usize,
    steps: i64,
    row_wave: Vec<f64>,
    column_wave: Vec<f64>,
    now: Vec<f64>,
    next: Vec<f64>,
}

// Half a period of a sine, from border to border.
fn wave(count: usize) -> Vec<f64> {
    (0..count).map(|i| (PI * i as f64 / (count - 1) as f64).sin()).collect()
}

// One step of the rows `to`, the first of which is row `first` of `now`.
fn advance(now: &[f64], to: &mut [f64], first: usize, columns: usize) {
    for (i, to) in to.chunks_exact_mut(columns).enumerate() {
        let row = |i: usize| &now[i * columns..][..columns];
        let (above, here, below) = (row(first + i - 1), row(first + i), row(first + i + 1));
        for j in 1..columns - 1 {
            to[j] = here[j] + RATE * (above[j] + below[j] + here[j - 1] + here[j + 1] - 4.0 * here[j]);
        }
    }
}

impl Heat {
    fn middle(&self) -> i64 {
        (self.now[self.rows / 2 * self.columns + self.columns / 2] * 1e12).round() as i64
    }
}

impl Problem for Heat {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        let rows = options.required("size", 3, 1 << 20)? as usize;
        let columns = options.optional("columns", 1024, 3, 1 << 20)? as usize;
        Ok(Heat {
            rows,
            columns,
            steps: options.optional("steps", 100, 1, 1_000_000)?,
            row_wave: wave(rows),
            column_wave: wave(columns),
            now: vec![0.0; rows * columns],
            next: vec![0.0; rows * columns],
        })
    }

    fn prepare(&mut self) {
        for (i, row) in self.now.chunks_exact_mut(self.columns).enumerate() {
            for (cell, wave) in row.iter_mut().zip(&self.column_wave) {
                *cell = self.row_wave[i] * wave;
            }
        }
    }

    fn solve(&mut self) -> i64 {
        let columns = self.columns;
        for _ in 0..self.steps {
            let inner = columns..(self.rows - 1) * columns;
            let now = &self.now;
            self.next[inner]
                .par_chunks_mut(STRIP_ROWS * columns)
                .enumerate()
                .for_each(|(strip, to)| advance(now, to, 1 + strip * STRIP_ROWS, columns));
            mem::swap(&mut self.now, &mut self.next);
        }
        self.middle()
    }

    // The start is an eigenvector of a step: each step multiplies the whole plate by the same number.
    fn check(&self, answer: i64) -> Result<(), Failure> {
        let spread = |count: usize| 2.0 - 2.0 * (PI / (count - 1) as f64).cos();
        let kept = (1.0 - RATE * (spread(self.rows) + spread(self.columns))).powf(self.steps as f64);
        for (i, row) in self.now.chunks_exact(self.columns).enumerate() {
            for (j, (cell, wave)) in row.iter().zip(&self.column_wave).enumerate() {
                let expected = kept * self.row_wave[i] * wave;
                let close = (cell - expected).abs() < 1e-9; // false for NaN
                if !close {
                    return Err(Failure::WrongAnswer(format!("{cell} at row {i}, column {j}; expected {expected}")));
                }
            }
        }
        harness::check_answer(answer, self.middle())
    }
}

fn main() {
    harness::run::<Heat>()
}
