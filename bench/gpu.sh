#!/bin/bash
# Everything that only a GPU can tell, in one go within 9 minutes and without network: the authors' golden files on WebGPU, whole SEAM
# steps against PyTorch on CUDA, kernels, memory at full width. Writes JSON, tables and a log into $OUT and prints the tables.
#
#   bench/gpu.sh [--small]
#
# --small does a little of each in sizes that Mesa's lavapipe can do. Environment: OUT (default runs/gpu), PYTHON (python3), LIMIT (530 seconds).
# What .gpu/ holds (bench/gpu/pack.sh makes it) is taken from there, the rest from the machine. docs/performance.md says more.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kit=$root/.gpu out=${OUT:-$root/runs/gpu} python=${PYTHON:-python3} limit=${LIMIT:-530}
small=; [ "${1:-}" = --small ] && small=1
mkdir -p "$out" && out=$(cd "$out" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
log=$out/log.txt; : >"$log"
say() { echo "$(printf '%4d s' $SECONDS)  $*" | tee -a "$log"; }

# A copy, so that the results of this machine do not mix with the committed ones.
tar -C "$root" -cf - core plugins recipes bench deps tests/fixtures deno.json deno.lock mod.ts cli.ts | tar -C "$work" -xf -
rm -rf "$work"/bench/results/* && cd "$work" || exit 1
mkdir .git && { cat "$kit/commit" || git -C "$root" rev-parse HEAD || echo unknown; } >.git/HEAD 2>/dev/null

export PATH=$work/bin:$PATH DENO_NO_UPDATE_CHECK=1 XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
if [ -e "$kit/deno.xz" ]; then mkdir bin && xz -dc "$kit/deno.xz" >bin/deno && chmod +x bin/deno; fi
if [ -e "$kit/node_modules.tar.xz" ]; then tar -xJf "$kit/node_modules.tar.xz"; else ln -s "$root/node_modules" .; fi
if [[ $(ldconfig -p) != *libvulkan.so.1* ]]; then
  for deb in "$kit"/*.deb; do [ -e "$deb" ] && dpkg -x "$deb" "$work/vulkan"; done
  export LD_LIBRARY_PATH=$work/vulkan/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
nvidia=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
[ -e $nvidia ] && [ -z "${VK_DRIVER_FILES:-}" ] && export VK_DRIVER_FILES=$nvidia
{ nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || echo 'no NVIDIA GPU'; } 2>/dev/null | tee -a "$log"

run=(deno run --no-check --cached-only --allow-read --allow-write --allow-env --allow-sys --allow-run)
# part SECONDS NAME COMMAND...: one measurement; what fails or takes too long is said, and the next one goes on.
part() {
  local most=$1 name=$2; shift 2
  local left=$((limit - SECONDS))
  [ $left -lt 5 ] && { say "LEFT OUT $name: no time is left"; return; }
  [ "$most" -lt $left ] || most=$left
  say "$name"
  echo "+ $*" >>"$log"
  timeout "$most" "${run[@]}" "$@" >"$work/part" 2>&1
  local status=$?
  cat "$work/part" >>"$log"
  [ $status = 0 ] && return
  say "FAILED ($([ $status = 124 ] && echo "more than $most s" || echo "exit $status")): $name"
  grep -v '^ *at ' "$work/part" | tail -3
}
step() { local most=$1; shift; part "$most" "step $*" bench/step.ts --backend webgpu --python "$python" "$@"; }

golden=tests/fixtures
[ $small ] && golden=tests/fixtures/seam_forward_odd.safetensors
say 'golden files'
timeout 120 "${run[@]}" cli.ts verify $golden --backend webgpu --json >verify.json 2>>"$log" ||
  say 'FAILED: golden files'
[ -s verify.json ] && cp verify.json bench/results/

if [ $small ]; then
  step 300 --width 4 --crop 64 --batch 1 --rounds 1 --sides ours,pytorch
  part 300 kernels bench/webgpu_kernels.ts --only '28x28x64->64'
  part 300 'head and losses' bench/webgpu_head.ts --only 'PCM 28x28'
else
  step 100 --width 16 --crop 448 --batch 8 --rounds 5
  step 120 --width 64 --crop 448 --batch 8 --rounds 3 --sides ours,recompute,pytorch
  step 100 --width 64 --crop 448 --batch 8 --micro 1 --rounds 2 --sides ours,recompute
  part 90 kernels bench/webgpu_kernels.ts
  part 60 'head and losses' bench/webgpu_head.ts
  part 60 'one step at full width' bench/full_size.ts train --backend webgpu
  part 60 'inference at full width' bench/full_size.ts infer --backend webgpu --scales 1,2
  step 60 --width 64 --crop 448 --batch 1 --rounds 2 --sides ours,stock
fi

cp bench/results/*.json "$out"/ 2>/dev/null
"${run[@]}" bench/page.ts bench/results >"$out/tables.md" 2>>"$log" && cat "$out/tables.md"
say "results are in $out"
ls bench/results/*.json >/dev/null 2>&1 && ! grep -q FAILED "$log"
