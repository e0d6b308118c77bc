/** Invocations per workgroup. */
export const MAX_POOL_THREADS = 64;

/**
 * Gradient of max pooling, one invocation per input pixel and channel: it sums the gradients of the windows whose first maximum is
 * this element. No atomics are used, so the order of the sum is fixed.
 */
export const MAX_POOL_GRADIENT_WGSL = `
  // NaN counts as the maximum, so that it reaches the loss.
  fn beats(a : f32, b : f32) -> bool {
    return a > b || (isnan(a) && !isnan(b));
  }

  fn isFirstMaximum(n : i32, y : i32, z : i32, c : i32, top : i32, left : i32) -> bool {
    let shape = uniforms.xShape;
    let own = x[((n * shape.y + y) * shape.z + z) * shape.w + c];
    for (var i : i32 = max(top, 0); i < min(top + uniforms.window.x, shape.y); i = i + 1) {
      for (var j : i32 = max(left, 0); j < min(left + uniforms.window.y, shape.z); j = j + 1) {
        let other = x[((n * shape.y + i) * shape.z + j) * shape.w + c];
        let earlier = i < y || (i == y && j < z);
        if (earlier && !beats(own, other)) { return false; }
        if (!earlier && beats(other, own)) { return false; }
      }
    }
    return true;
  }

  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let at = getCoordsFromIndex(index);
    let shape = uniforms.dyShape;
    // Rows and columns of the windows that contain this pixel.
    let low = max((at.yz + uniforms.pad - uniforms.window + uniforms.stride) / uniforms.stride, vec2<i32>(0));
    let high = min((at.yz + uniforms.pad) / uniforms.stride, shape.yz - vec2<i32>(1));
    var sum : f32 = 0.0;
    for (var r : i32 = low.x; r <= high.x; r = r + 1) {
      for (var q : i32 = low.y; q <= high.y; q = q + 1) {
        let top = r * uniforms.stride.x - uniforms.pad.x;
        let left = q * uniforms.stride.y - uniforms.pad.y;
        if (isFirstMaximum(at.x, at.y, at.z, at.w, top, left)) {
          sum = sum + dy[((at.x * shape.y + r) * shape.z + q) * shape.w + at.w];
        }
      }
    }
    result[index] = sum;
  }
`;
