/* hot HOT_MIB TOTAL_MIB [SECONDS]: touches the first part of a mapping over and over; ends after
 * SECONDS, else never. HOT_MIB 0: everything is touched once and left idle. */
#include "workload.h"

int main(int argc, char **argv)
{
	size_t hot = argument(argc, argv, 1, 64) * MIB;
	size_t total = argument(argc, argv, 2, 256) * MIB;
	double seconds = argument(argc, argv, 3, 0);
	char *addr = map_anonymous(total);
	double start = now_seconds();

	report_ready(addr, total);
	while (seconds == 0 || now_seconds() - start < seconds) {
		if (hot > 0)
			touch_round(addr, hot);
		else
			usleep(10000);
	}
	return 0;
}
