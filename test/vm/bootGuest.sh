#!/usr/bin/env bash
# bootGuest.sh KERNEL INITRAMFS RESULTS JOB [MEMORY]: one guest, console on standard output, what the
# job reports (second serial port) in the file RESULTS. By hand, with a shell instead of a job:
#
#   test/vm/bootGuest.sh ~/.cache/damon-kernels/k/7.2/vmlinuz .cache/vm/initramfs.cpio /dev/null shell
set -euo pipefail

kernel=$1 initramfs=$2 results=$3 job=$4 memory=${5:-2G}

command -v qemu-system-x86_64 >/dev/null || {
  echo "bootGuest: qemu-system-x86_64: not found; install qemu-system-x86" >&2
  exit 1
}
# No KVM: it must run in containers, too. The default CPU model crashes 6.12 early under emulation,
# and so does cmpxchg16b now and then. With a thread per CPU the kernel dies of its own breakpoints
# ("Oops: int3") now and then when tracepoints are switched on and off, which patches code.
exec qemu-system-x86_64 -accel tcg,thread=single -cpu max,-cx16 -smp 2 -m "$memory" \
  -kernel "$kernel" -initrd "$initramfs" \
  -append "console=ttyS0 quiet panic=-1 rdinit=/init job=$job" \
  -nodefaults -nographic -no-reboot -serial stdio -serial "file:$results"
