// Replaces the masked bits of one word: how a write that begins or ends inside a word is done, since
// queue.writeBuffer takes whole words only.
struct Params {
  word: u32,
  mask: u32,
  bits: u32,
}

@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(1)
fn main() {
  words[p.word] = (words[p.word] & ~p.mask) | p.bits;
}
