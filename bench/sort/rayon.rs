use harness::{check_answer, Failure, Options, Problem};

type Key = i32;

const LEAF_KEYS: usize = 4096;
const FEW_KEYS: usize = 24;

fn insertion_sort(data: &mut [Key]) {
    for i in 1..data.len() {
        let moving = data[i];
        let mut at = i;
        while at > 0 && data[at - 1] > moving {
            data[at] = data[at - 1];
            at -= 1;
        }
        data[at] = moving;
    }
}

// A step has no branch that depends on the keys.
fn merge_leaf(left: &[Key], right: &[Key], out: &mut [Key]) {
    assert_eq!(left.len() + right.len(), out.len());
    let (mut l, mut r) = (0, 0);
    while l < left.len() && r < right.len() {
        // SAFETY: l and r were just compared, and their sum is less than out.len().
        unsafe {
            let (a, b) = (*left.get_unchecked(l), *right.get_unchecked(r));
            let take_right = b < a;
            *out.get_unchecked_mut(l + r) = if take_right { b } else { a };
            r += usize::from(take_right);
            l += usize::from(!take_right);
        }
    }
    let rest = &mut out[l + r..];
    let (from_left, from_right) = rest.split_at_mut(left.len() - l);
    from_left.copy_from_slice(&left[l..]);
    from_right.copy_from_slice(&right[r..]);
}

// Divides what is less than the middle of the longer range from the rest.
fn merge(left: &[Key], right: &[Key], out: &mut [Key]) {
    if out.len() <= LEAF_KEYS {
        return merge_leaf(left, right, out);
    }
    if left.len() < right.len() {
        return merge(right, left, out);
    }
    let middle = left[left.len() / 2];
    let (left_low, left_high) = left.split_at(left.len() / 2);
    let (right_low, right_high) = right.split_at(right.partition_point(|key| *key < middle));
    let (out_low, out_high) = out.split_at_mut(left_low.len() + right_low.len());
    rayon::join(|| merge(left_low, right_low, out_low), || merge(left_high, right_high, out_high));
}

// Sorts `data` within the task; the result is in `scratch` if `to_scratch`, else in `data`.
fn sort_leaf(data: &mut [Key], scratch: &mut [Key], to_scratch: bool) {
    if data.len() <= FEW_KEYS {
        insertion_sort(data);
        if to_scratch {
            scratch.copy_from_slice(data);
        }
        return;
    }
    let middle = data.len() / 2;
    sort_leaf(&mut data[..middle], &mut scratch[..middle], !to_scratch);
    sort_leaf(&mut data[middle..], &mut scratch[middle..], !to_scratch);
    let (from, to) = if to_scratch { (data, scratch) } else { (scratch, data) };
    merge_leaf(&from[..middle], &from[middle..], to);
}

fn sort(data: &mut [Key], scratch: &mut [Key], to_scratch: bool) {
    if data.len() <= LEAF_KEYS {
        return sort_leaf(data, scratch, to_scratch);
    }
    let middle = data.len() / 2;
    let (data_low, data_high) = data.split_at_mut(middle);
    let (scratch_low, scratch_high) = scratch.split_at_mut(middle);
    rayon::join(|| sort(data_low, scratch_low, !to_scratch), || sort(data_high, scratch_high, !to_scratch));
    let (from, to) = if to_scratch { (data, scratch) } else { (scratch, data) };
    merge(&from[..middle], &from[middle..], to);
}

struct Keys {
    keys: Vec<Key>,
    scratch: Vec<Key>,
    expected: i64,
}

impl Keys {
    fn median(&self) -> i64 {
        i64::from(self.keys[self.keys.len() / 2])
    }
}

impl Problem for Keys {
    fn new(options: &mut Options) -> Result<Self, Failure> {
        let count = options.required("size", 1, 1_000_000_000)? as usize;
        Ok(Keys { keys: vec![0; count], scratch: vec![0; count], expected: 0 })
    }

    // xorshift32 from the same seed: the same keys each time.
    fn prepare(&mut self) {
        let mut random: u32 = 2463534242;
        self.expected = 0;
        for key in &mut self.keys {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            *key = random as Key;
            self.expected += i64::from(*key);
        }
    }

    fn solve(&mut self) -> i64 {
        sort(&mut self.keys, &mut self.scratch, false);
        self.median()
    }

    fn check(&self, answer: i64) -> Result<(), Failure> {
        if self.keys.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(Failure::WrongAnswer("the keys are not sorted".to_string()));
        }
        check_answer(self.keys.iter().map(|key| i64::from(*key)).sum(), self.expected)?;
        check_answer(answer, self.median())
    }
}

fn main() {
    harness::run::<Keys>()
}
