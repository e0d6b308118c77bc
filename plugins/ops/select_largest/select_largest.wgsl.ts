/** Invocations per workgroup: one per value of an 8-bit digit, so that each clears one counter. */
export const SELECT_THREADS = 256;

/** WGSL of `orderedKey(f32) -> u32`. */
export const ORDERED_KEY_WGSL = `
  // Floats to unsigned integers in the same order; -0 equals 0, NaN is largest.
  fn orderedKey(value : f32) -> u32 {
    let bits = bitcast<u32>(value);
    let magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) { return 0xffffffffu; }
    if (magnitude == 0u) { return 0x80000000u; }
    return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
  }
`;

/**
 * Marks the largest elements of each row by radix selection, one workgroup per row: the same steps as `selectLargest` in
 * radix_selection.ts. Counting uses integer atomics, whose sum does not depend on their order.
 *
 * Work and memory traffic, whatever the data: six reads of the row (one per 8-bit digit, one to count ties, one to mark) and one
 * write of the mask; everything else stays in workgroup memory (2 KiB). Exactly `count` elements are marked, the first of those
 * that tie. Rows run in parallel; the time of one row grows with its length, M / 256 steps per pass, so long rows use
 * select_largest_parts.wgsl.ts instead.
 */
export const SELECT_LARGEST_WGSL = `
  var<workgroup> histogram : array<atomic<u32>, ${SELECT_THREADS}>;
  var<workgroup> ties : array<u32, ${SELECT_THREADS}>;
  var<workgroup> prefix : u32;
  var<workgroup> remaining : u32;

  ${ORDERED_KEY_WGSL}

  fn main(index : i32) {
    let lane = i32(localIndex);
    let row = index / ${SELECT_THREADS};
    // Workgroups beyond the last row (tfjs may dispatch more) see an empty one: all must reach the barriers.
    let length = select(0, uniforms.xShape.y, row < uniforms.xShape.x);
    let start = row * uniforms.xShape.y;
    if (lane == 0) {
      prefix = 0u;
      remaining = u32(uniforms.count);
    }
    for (var shift : i32 = 24; shift >= 0; shift = shift - 8) {
      atomicStore(&histogram[lane], 0u);
      workgroupBarrier();
      let known = select(0xffffffffu << u32((shift + 8) & 31), 0u, shift == 24);
      for (var i : i32 = lane; i < length; i = i + ${SELECT_THREADS}) {
        let key = orderedKey(x[start + i]);
        if ((key & known) == prefix) {
          atomicAdd(&histogram[(key >> u32(shift)) & 0xffu], 1u);
        }
      }
      workgroupBarrier();
      if (lane == 0 && length > 0) {
        var digit : i32 = 255;
        var left : u32 = remaining;
        var here : u32 = atomicLoad(&histogram[digit]);
        while (here < left) {
          left = left - here;
          digit = digit - 1;
          here = atomicLoad(&histogram[digit]);
        }
        remaining = left;
        prefix = prefix | (u32(digit) << u32(shift));
      }
      workgroupBarrier();
    }

    // Of the elements that equal the k-th, the first are taken: each invocation counts those of its own stretch.
    let stretch = (length + ${SELECT_THREADS - 1}) / ${SELECT_THREADS};
    let first = lane * stretch;
    let end = min(first + stretch, length);
    var own : u32 = 0u;
    for (var i : i32 = first; i < end; i = i + 1) {
      if (orderedKey(x[start + i]) == prefix) { own = own + 1u; }
    }
    ties[lane] = own;
    workgroupBarrier();
    var before : u32 = 0u;
    for (var i : i32 = 0; i < lane; i = i + 1) { before = before + ties[i]; }
    for (var i : i32 = first; i < end; i = i + 1) {
      let key = orderedKey(x[start + i]);
      var chosen : bool = key > prefix;
      if (key == prefix) {
        chosen = before < remaining;
        before = before + 1u;
      }
      result[start + i] = select(0.0, 1.0, chosen);
    }
  }
`;
