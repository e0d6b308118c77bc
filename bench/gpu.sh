#!/bin/bash
# All measurements that need a GPU, in one run within 9 minutes and without network: the authors' golden files on WebGPU, whole SEAM
# steps against PyTorch on CUDA, kernels beside the device's peaks, memory at full width. Writes JSON, tables and a log into $OUT and
# prints the tables.
#
#   bench/gpu.sh [--small]
#
# --small runs a part of each in sizes that are feasible on Mesa's lavapipe. Without it a software adapter is refused.
# Environment: OUT (default runs/gpu), PYTHON (python3), LIMIT (530 seconds; the parts' limits shrink with it), SOFTWARE=1 (to try the
# script itself without a GPU). What .gpu/ holds (bench/gpu/pack.sh makes it) is taken from there, the rest from the machine.
# docs/performance.md says more.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kit=$root/.gpu out=${OUT:-$root/runs/gpu} limit=${LIMIT:-530}
small=; [ "${1:-}" = --small ] && small=1
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
log=$out/log.txt; : >"$log"
say() { echo "$(printf '%4d s' $SECONDS)  $*" | tee -a "$log"; }
die() { say "STOPPED: $*"; exit 1; }

# A copy, so that the results of this machine do not mix with the committed ones.
tar -C "$root" -cf - core plugins recipes bench deps tests/fixtures deno.json deno.lock mod.ts cli.ts | tar -C "$work" -xf -
rm -rf "$work"/bench/results/* && cd "$work" || exit 1
mkdir .git && { cat "$kit/commit" || git -C "$root" rev-parse HEAD || echo unknown; } >.git/HEAD 2>/dev/null

export PATH=$work/bin:$PATH:/usr/sbin:/sbin
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 DENO_DIR=$work/deno TMPDIR=$work/tmp XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
mkdir -p bin tmp
unpack() { xz -dc "$1" 2>/dev/null || python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"; }
[ -e "$kit/deno.xz" ] && unpack "$kit/deno.xz" >bin/deno && chmod +x bin/deno
deno --version >>"$log" 2>&1 || die "deno does not run: $(deno --version 2>&1 | tail -1)"
if [ -e "$kit/node_modules.tar.xz" ]; then unpack "$kit/node_modules.tar.xz" | tar -xf -; else ln -s "$root/node_modules" .; fi

# Libraries in .gpu/ that the machine lacks: the Vulkan loader, and what NVIDIA's driver links to.
known=$(ldconfig -p 2>/dev/null)
for deb in "$kit"/*.deb; do [ -e "$deb" ] && dpkg -x "$deb" "$work/debs"; done
mkdir lib
for library in "$work"/debs/usr/lib/x86_64-linux-gnu/*.so.* "$work"/debs/lib/x86_64-linux-gnu/*.so.*; do
  case $known in *"$(basename "$library") "*) ;; *) [ -e "$library" ] && cp -L "$library" lib/ ;; esac
done
libraries=$work/lib
for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib; do [ -d $folder ] && libraries=$libraries:$folder; done
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

run=(deno run --no-check --cached-only --allow-read --allow-write --allow-env --allow-sys --allow-run)

# Drivers to try: the loader's own choice, NVIDIA's files where containers have them, and files of our own for its libraries: the one
# for EGL needs no X11.
manifest() { printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}\n' "$1" >"$work/icd_$2.json"; echo "$work/icd_$2.json"; }
drivers=("${VK_DRIVER_FILES:-}")
for file in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd*.json /usr/share/vulkan/icd.d/nvidia_icd*.json; do
  [ -e "$file" ] && drivers+=("$file")
done
for name in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do drivers+=("$(manifest $name ${name%%.*})"); done
egl=/usr/local/nvidia/share/glvnd/egl_vendor.d/10_nvidia.json
[ -e $egl ] && export __EGL_VENDOR_LIBRARY_FILENAMES=${__EGL_VENDOR_LIBRARY_FILENAMES:-$egl}
# WebGPU on OpenGL lacks limits that the kernels need.
export DENO_WEBGPU_BACKEND=vulkan

{ nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || echo 'no nvidia-smi'; } 2>/dev/null | tee -a "$log"
# Older loaders know the second name only.
choose() { if [ -n "$1" ]; then export VK_DRIVER_FILES=$1 VK_ICD_FILENAMES=$1; else unset VK_DRIVER_FILES VK_ICD_FILENAMES; fi; }
software= status=1
for driver in "${drivers[@]}"; do
  choose "$driver"
  timeout -k 5 60 "${run[@]}" bench/gpu/adapter.ts >"$work/adapter" 2>>"$log"
  status=$?
  say "${driver:-own choice of the loader}: $(cat "$work/adapter")"
  [ $status = 0 ] && break
  [ $status = 3 ] && software=${software:-${driver:-own}}
done
if [ $status != 0 ]; then
  [ -n "$software" ] || die 'no adapter of WebGPU: the machine needs a Vulkan driver, whose nvidia_icd.json VK_DRIVER_FILES may name'
  [ $small ] || [ "${SOFTWARE:-}" = 1 ] ||
    die 'WebGPU finds a software adapter only, which measures the CPU: bench/gpu.sh --small shows that the script works'
  [ "$software" = own ] && software=
  choose "$software"
  say 'A SOFTWARE ADAPTER COMPUTES: its times are those of the CPU'
fi

python=
for candidate in "${PYTHON:-python3}" /opt/torch/.venv/bin/python3 /usr/bin/python3; do
  timeout 60 "$candidate" -c 'import torch, numpy' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || say "NO PYTORCH in ${PYTHON:-python3}: its lines will be missing"

# part SECONDS NAME COMMAND...: one measurement; a failure or timeout is reported, and the next one runs.
part() {
  local most=$(($1 * limit / 530)) name=$2; shift 2
  local left=$((limit - SECONDS))
  [ $left -lt 5 ] && { say "LEFT OUT: $name: no time is left"; return; }
  [ $most -lt $left ] || most=$left
  say "$name, $most s at most"
  echo "+ $*" >>"$log"
  # The group's other processes, PyTorch's, end with it.
  timeout -k 5 "$most" "${run[@]}" "$@" >"$work/part" 2>"$work/errors"
  local status=$?
  cat "$work/part" "$work/errors" >>"$log"
  # Copied at once, so that results survive if this script is ended early.
  cp bench/results/*.json "$out"/ 2>/dev/null
  [ $status = 0 ] && { grep '!!!' "$work/part"; return; }
  case $status in
    124 | 137) say "FAILED: $name: more than $most s" ;;
    *) say "FAILED: $name: exit $status" ;;
  esac
  cat "$work/part" "$work/errors" | grep -v '^ *at ' | tail -5
}
step() { local most=$1; shift; part "$most" "step $*" bench/record.ts step_webgpu --busy --python "${python:-python3}" "$@"; }
# A file that fails is a result too, not an error of this script.
golden() {
  part 100 'golden files' cli.ts verify "$@" --backend webgpu --json
  grep -q '"results"' "$work/part" && cp "$work/part" bench/results/verify.json
  part 60 'golden files, precision f16' cli.ts verify "$@" --backend webgpu --precision f16
  cat "$work/part"
}

# The most important first: later ones may run out of time.
if [ $small ]; then
  golden tests/fixtures/seam_forward_odd.safetensors
  step 200 --width 4 --crop 64 --batch 1 --rounds 1 --implementations ours,f16,pytorch --profile
  part 100 kernels bench/record.ts webgpu_kernels --busy --only '28x28x64->64' ${python:+--python "$python"}
  part 100 'head and losses' bench/record.ts webgpu_head --busy --only 'PCM 28x28'
else
  golden tests/fixtures
  step 130 --width 64 --crop 448 --batch 8 --rounds 3 --implementations ours,f16,pytorch --profile
  part 110 kernels bench/record.ts webgpu_kernels --busy ${python:+--python "$python"}
  part 70 'tiles of the convolutions (in the log)' bench/tiles.ts
  step 60 --width 16 --crop 448 --batch 8 --rounds 5 --implementations ours,recompute,f16,pytorch
  step 60 --width 64 --crop 448 --batch 8 --micro 1 --rounds 1 --implementations ours,recompute,f16
  part 50 'head and losses' bench/record.ts webgpu_head --busy
  step 60 --width 64 --crop 448 --batch 1 --rounds 2 --implementations ours,tfjs
  part 40 'inference at full width' bench/full_size.ts infer --busy --backend webgpu --scales 1,2
  part 30 'dense CRF' bench/record.ts dense_crf --busy
fi

cp bench/results/*.json "$out"/ 2>/dev/null
"${run[@]}" bench/page.ts bench/results 2>>"$log" | tee -a "$log"
say "results are in $out"
ls bench/results/*.json >/dev/null 2>&1 && ! grep -q ' FAILED: ' "$log"
