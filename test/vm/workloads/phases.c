/* phases FIRST_MIB SECOND_MIB TOTAL_MIB PHASE_MS: the hot part at the start of the mapping changes
 * between two sizes, each for PHASE_MS. */
#include "workload.h"

int main(int argc, char **argv)
{
	size_t sizes[2] = { argument(argc, argv, 1, 32) * MIB, argument(argc, argv, 2, 128) * MIB };
	size_t total = argument(argc, argv, 3, 256) * MIB;
	double phase = argument(argc, argv, 4, 5000) / 1e3;
	char *addr = map_anonymous(total);
	double start = now_seconds();

	report_ready(addr, total);
	for (;;)
		touch_round(addr, sizes[(unsigned long)((now_seconds() - start) / phase) % 2]);
}
