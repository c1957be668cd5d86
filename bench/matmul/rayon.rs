use harness::{check_answer, Failure, Options, Problem};

const LEAF_SIDE: usize = 64;
const TILE_ROWS: usize = 4;
const TILE_COLUMNS: usize = 32;

/// c += a b for blocks of rows x depth, depth x columns and rows x columns floats, whose rows are `stride` apart.
#[derive(Clone, Copy)]
struct Product {
    c: *mut f32,
    a: *const f32,
    b: *const f32,
    rows: usize,
    columns: usize,
    depth: usize,
    stride: usize,
}

// SAFETY: products that run at the same time have different c, and nobody writes to a and b.
unsafe impl Send for Product {}

enum Halves {
    Independent(Product, Product),
    InOrder(Product, Product),
}

impl Product {
    fn is_leaf(&self) -> bool {
        self.rows <= LEAF_SIDE && self.columns <= LEAF_SIDE && self.depth <= LEAF_SIDE
    }

    fn divide(self) -> Halves {
        let (mut first, mut second) = (self, self);
        // SAFETY: the offsets are inside of the blocks.
        unsafe {
            if self.rows >= self.columns && self.rows >= self.depth {
                first.rows = self.rows / 2;
                second.rows = self.rows - first.rows;
                second.a = self.a.add(first.rows * self.stride);
                second.c = self.c.add(first.rows * self.stride);
                Halves::Independent(first, second)
            } else if self.columns >= self.depth {
                first.columns = self.columns / 2;
                second.columns = self.columns - first.columns;
                second.b = self.b.add(first.columns);
                second.c = self.c.add(first.columns);
                Halves::Independent(first, second)
            } else {
                first.depth = self.depth / 2;
                second.depth = self.depth - first.depth;
                second.a = self.a.add(first.depth);
                second.b = self.b.add(first.depth * self.stride);
                Halves::InOrder(first, second)
            }
        }
    }

    // Tiles of c that stay in registers. Sides are multiples of the tile's.
    fn compute(self) {
        let Product { c, a, b, rows, columns, depth, stride } = self;
        for i in (0..rows).step_by(TILE_ROWS) {
            for j in (0..columns).step_by(TILE_COLUMNS) {
                // SAFETY: the tile and the rows and columns that make it are inside of the blocks.
                unsafe { add_tile(c.add(i * stride + j), a.add(i * stride), b.add(j), depth, stride) };
            }
        }
    }
}

type TileRow = [f32; TILE_COLUMNS];

#[inline(never)]
unsafe fn add_tile(c: *mut f32, a: *const f32, b: *const f32, depth: usize, stride: usize) {
    let mut tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];
    for k in 0..depth {
        let from = *(b.add(k * stride) as *const TileRow);
        for row in 0..TILE_ROWS {
            let factor = *a.add(row * stride + k);
            // A copy: LLVM does not vectorise what it cannot keep apart from the rest of the tile.
            let mut sums = tile[row];
            for column in 0..TILE_COLUMNS {
                sums[column] = factor.mul_add(from[column], sums[column]);
            }
            tile[row] = sums;
        }
    }
    for row in 0..TILE_ROWS {
        let to = &mut *(c.add(row * stride) as *mut TileRow);
        for column in 0..TILE_COLUMNS {
            to[column] += tile[row][column];
        }
    }
}

fn multiply(product: Product) {
    if product.is_leaf() {
        return product.compute();
    }
    match product.divide() {
        Halves::Independent(first, second) => {
            rayon::join(move || multiply(first), move || multiply(second));
        }
        Halves::InOrder(first, second) => {
            multiply(first);
            multiply(second);
        }
    }
}

struct Matrices {
    side: usize,
    stride: usize,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

impl Problem for Matrices {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        let side = options.required("size", LEAF_SIDE as i64, 16384)? as usize;
        if !side.is_power_of_two() {
            return Err(Failure::Usage("--size takes a power of two".to_string()));
        }
        let stride = side + 16;
        let mut matrices =
            Matrices { side, stride, a: vec![0.0; side * stride], b: vec![0.0; side * stride], c: Vec::new() };
        for i in 0..side {
            for j in 0..side {
                matrices.a[i * stride + j] = (i % 8 + j % 4) as f32;
                matrices.b[i * stride + j] = (i % 8) as f32 - (j % 4) as f32;
            }
        }
        matrices.c.resize(side * stride, 0.0);
        Ok(matrices)
    }

    fn prepare(&mut self) {
        self.c.fill(0.0);
    }

    fn solve(&mut self) -> i64 {
        multiply(Product {
            c: self.c.as_mut_ptr(),
            a: self.a.as_ptr(),
            b: self.b.as_ptr(),
            rows: self.side,
            columns: self.side,
            depth: self.side,
            stride: self.stride,
        });
        self.last()
    }

    // The sums over k of (i % 8 + k % 4) (k % 8 - j % 4) are whole numbers below 2^24: floats hold them exactly.
    fn check(&self, answer: i64) -> Result<(), Failure> {
        let ks = || 0..self.side as i64;
        let p: i64 = ks().map(|k| k % 4).sum();
        let q: i64 = ks().map(|k| k % 8).sum();
        let pq: i64 = ks().map(|k| (k % 4) * (k % 8)).sum();
        for (i, row) in ks().zip(self.c.chunks_exact(self.stride)) {
            for (j, found) in ks().zip(row) {
                let (u, v) = (i % 8, j % 4);
                check_answer(*found as i64, u * q - self.side as i64 * u * v + pq - v * p)?;
            }
        }
        check_answer(answer, self.last())
    }
}

impl Matrices {
    fn last(&self) -> i64 {
        self.c[(self.side - 1) * self.stride + self.side - 1] as i64
    }
}

fn main() {
    harness::run::<Matrices>()
}
