/* staircase NR_STEPS STEP_MIB STEP_MS: step i of the mapping is hot during period i, then the next,
 * over and over. */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long nr_steps = argument(argc, argv, 1, 8);
	size_t step = argument(argc, argv, 2, 32) * MIB;
	double period = argument(argc, argv, 3, 1000) / 1e3;
	char *addr = map_anonymous(nr_steps * step);
	double start = now_seconds();

	report_ready(addr, nr_steps * step);
	for (;;) {
		unsigned long turn = (now_seconds() - start) / period;

		touch_round(addr + turn % nr_steps * step, step);
	}
}
