use harness::{check_answer, Failure, Options, Problem};

const MAX_CHILDREN: usize = 100;
const SEED: u32 = 19;
const END_MARK: u32 = 0x8000_0000;
const NODES: [i64; 11] = [1, 6, 65, 254, 944, 3987, 16000, 63914, 257042, 1031269, 4130071];

type Digest = [u32; 5];

// SHA-1 (FIPS 180-4) of one block; `words` holds the last 16 words of the message schedule.
fn sha1(mut words: [u32; 16]) -> Digest {
    const START: Digest = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut state = START;
    twenty_rounds(0, &mut state, &mut words, 0x5a82_7999, |b, c, d| (b & c) | (!b & d));
    twenty_rounds(20, &mut state, &mut words, 0x6ed9_eba1, |b, c, d| b ^ c ^ d);
    twenty_rounds(40, &mut state, &mut words, 0x8f1b_bcdc, |b, c, d| (b & c) | (b & d) | (c & d));
    twenty_rounds(60, &mut state, &mut words, 0xca62_c1d6, |b, c, d| b ^ c ^ d);
    for (word, start) in state.iter_mut().zip(START) {
        *word = word.wrapping_add(start);
    }
    state
}

#[inline(always)]
fn twenty_rounds(
    first: usize,
    state: &mut Digest,
    words: &mut [u32; 16],
    constant: u32,
    mix: impl Fn(u32, u32, u32) -> u32,
) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for i in first..first + 20 {
        if i >= 16 {
            words[i % 16] =
                (words[(i + 13) % 16] ^ words[(i + 8) % 16] ^ words[(i + 2) % 16] ^ words[i % 16]).rotate_left(1);
        }
        let sum = mix(b, c, d).wrapping_add(e).wrapping_add(constant).wrapping_add(words[i % 16]);
        let next = a.rotate_left(5).wrapping_add(sum);
        e = d;
        d = c;
        c = b.rotate_left(30);
        b = a;
        a = next;
    }
    *state = [a, b, c, d, e];
}

struct Node {
    state: Digest,
    levels: i32,
}

impl Node {
    fn root(levels: i32) -> Node {
        Node { state: sha1([0, 0, 0, 0, SEED, END_MARK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 * 32]), levels }
    }

    fn child(&self, number: usize) -> Node {
        let [a, b, c, d, e] = self.state;
        let word = number as u32;
        Node { state: sha1([a, b, c, d, e, word, END_MARK, 0, 0, 0, 0, 0, 0, 0, 0, 6 * 32]), levels: self.levels - 1 }
    }

    fn children(&self) -> usize {
        const EXPECTED: f64 = 4.0;
        if self.levels == 0 {
            return 0;
        }
        let random = f64::from(self.state[4] & 0x7fff_ffff) / 2147483648.0;
        let number = ((1.0 - random).ln() / (1.0 - 1.0 / (1.0 + EXPECTED)).ln()).floor();
        (number as usize).min(MAX_CHILDREN)
    }
}

// The nodes below `parent` from its child `first` on: the others are the task, that child is called here.
fn siblings(parent: &Node, first: usize, end: usize) -> i64 {
    let child = parent.child(first);
    if first + 1 == end {
        return count(&child);
    }
    let (one, others) = rayon::join(|| count(&child), || siblings(parent, first + 1, end));
    one + others
}

fn count(parent: &Node) -> i64 {
    match parent.children() {
        0 => 1,
        children => 1 + siblings(parent, 0, children),
    }
}

struct Tree {
    levels: i64,
}

impl Problem for Tree {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        Ok(Tree { levels: options.required("size", 1, 10)? })
    }

    fn solve(&mut self) -> i64 {
        count(&Node::root(self.levels as i32))
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        check_answer(answer, NODES[self.levels as usize])
    }
}

fn main() {
    harness::run::<Tree>()
}
