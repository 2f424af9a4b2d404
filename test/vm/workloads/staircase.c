/* staircase NR_STEPS STEP_MIB STEP_MS [ROUNDS [LEAD_MS]]: step i of the mapping is hot during period i,
 * then the next, ROUNDS times over, else for ever. The first one begins LEAD_MS after the mapping is
 * there, and is told, on CLOCK_MONOTONIC. */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long nr_steps = argument(argc, argv, 1, 8);
	size_t step = argument(argc, argv, 2, 32) * MIB;
	double period = argument(argc, argv, 3, 1000) / 1e3;
	unsigned long rounds = argument(argc, argv, 4, 0);
	useconds_t lead = argument(argc, argv, 5, 0) * 1000;
	char *addr = map_anonymous(nr_steps * step);
	double start;

	report_ready(addr, nr_steps * step);
	usleep(lead);
	start = now_seconds();
	printf("began %.0f\n", start * 1e9);
	fflush(stdout);
	for (;;) {
		unsigned long turn = (now_seconds() - start) / period;

		if (rounds && turn >= rounds * nr_steps)
			return 0;
		touch_round(addr + turn % nr_steps * step, step);
	}
}
