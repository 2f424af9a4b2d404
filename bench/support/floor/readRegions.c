/*
 * The floor for reading a tried_regions tree: open, read and close each file of each region, and
 * nothing else. Usage: readRegions DIR NR_REGIONS NR_ROUNDS; prints nanoseconds per round, one a line.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *const FILES[] = { "start", "end", "nr_accesses", "age" };

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	int nr_regions = atoi(argv[2]);
	int nr_rounds = atoi(argv[3]);
	char path[4096], value[64];

	for (int round = 0; round < nr_rounds; round++) {
		struct timespec begin, end;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		for (int region = 0; region < nr_regions; region++) {
			for (int file = 0; file < 4; file++) {
				snprintf(path, sizeof(path), "%s/%d/%s", argv[1], region, FILES[file]);
				int fd = open(path, O_RDONLY);

				if (fd < 0 || read(fd, value, sizeof(value)) <= 0) {
					perror(path);
					return 1;
				}
				close(fd);
			}
		}
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL +
				 (end.tv_nsec - begin.tv_nsec));
	}
	return 0;
}
