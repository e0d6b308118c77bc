#!/bin/sh
# Makes .gpu/: what bench/gpu.sh needs on a machine without network, for x86-64 Linux. Run it where deno and the npm packages are.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p .gpu
# In a copy without .git, .gpu/commit names the commit; without that file it is unknown.
git rev-parse HEAD >.gpu/head 2>/dev/null || cp .gpu/commit .gpu/head 2>/dev/null || echo unknown >.gpu/head
mv .gpu/head .gpu/commit

# Not a link or a shim: the program itself.
xz -T0 -c "$(deno eval 'console.log(Deno.execPath())')" >.gpu/deno.xz

# Of the npm packages what runs under Deno, 2 MB of 90: tfjs in its Node build, no types, no source maps.
find -H node_modules -name .initialized -o -type l -o -type f \( \
  -path '*/@tensorflow/*' \( -name '*.node.js' -o -name package.json -o -path '*/dist/*.wasm' \) -o \
  ! -path '*/@tensorflow/*' ! -path '*/@types/*' ! -path '*/fast-check/*' \
  ! -name '*.map' ! -name '*.d.ts' ! -name '*.d.cts' ! -name '*.d.mts' -o \
  -name package.json \) | tar -cJf .gpu/node_modules.tar.xz -T -

# Libraries that a CUDA machine may lack: the loaders of Vulkan and GL, and X11, which NVIDIA's Vulkan driver links to.
if command -v apt-get >/dev/null && ! ls .gpu/*.deb >/dev/null 2>&1; then
  (cd .gpu && apt-get download libvulkan1 libegl1 libglvnd0 libgl1 libglx0 libopengl0 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 \
    libbsd0 libmd0) || echo 'No Vulkan loader packed: the machine must have one'
fi
du -ch .gpu/*
