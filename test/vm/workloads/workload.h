/* Shared by the programs monitored in the guests: memory with a known hot part.
 *
 * Under QEMU's emulation a page's accessed bit is set again only after its translation left the
 * emulated TLB, which can hold a whole hot set: a busy program would read as idle after seconds. So
 * each round ends with a flush of the whole TLB, which changing the protection of more touched
 * pages than x86 flushes one by one (33) brings about. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define NR_FLUSH_PAGES 64

static char *map_anonymous(size_t bytes)
{
	char *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	memset(addr, 1, bytes);
	return addr;
}

/* Tells the parent that all pages are there: "ready START END", addresses in hexadecimal. */
static void report_ready(const char *addr, size_t bytes)
{
	printf("ready %lx %lx\n", (unsigned long)addr, (unsigned long)addr + bytes);
	fflush(stdout);
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void flush_tlb(void)
{
	static char *pages;
	size_t bytes = NR_FLUSH_PAGES * PAGE;

	if (!pages)
		pages = map_anonymous(bytes);
	memset(pages, 1, bytes);
	mprotect(pages, bytes, PROT_READ);
	mprotect(pages, bytes, PROT_READ | PROT_WRITE);
}

/* Writes one byte to each page of the range, then lets others run: about as long as a sampling
 * interval, so that most samples find an access and the emulated CPUs have time for others. */
static void touch_round(char *addr, size_t bytes)
{
	for (size_t offset = 0; offset < bytes; offset += PAGE)
		addr[offset]++;
	flush_tlb();
	usleep(3000);
}

/* The argument as a number, or the default when it is not given. */
static unsigned long argument(int argc, char **argv, int index, unsigned long otherwise)
{
	return index < argc ? strtoul(argv[index], NULL, 10) : otherwise;
}
