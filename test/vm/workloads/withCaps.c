/*
 * withCaps UID CAPS PROGRAM [ARG...]: becomes the program, as this user with just these capabilities
 * (numbers with commas, or "none"), in the bounding set, too. Busybox has no setpriv that can.
 */
#define _GNU_SOURCE
#include <err.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t parse_caps(char *text)
{
	uint64_t caps = 0;

	if (!strcmp(text, "none"))
		return 0;
	for (char *word = strtok(text, ","); word; word = strtok(NULL, ","))
		caps |= 1ull << atoi(word);
	return caps;
}

static void set_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		uint32_t half = caps >> (32 * i);

		data[i].effective = data[i].permitted = data[i].inheritable = half;
	}
	if (syscall(SYS_capset, &header, data))
		err(1, "capset");
}

int main(int argc, char **argv)
{
	if (argc < 4)
		errx(1, "UID CAPS PROGRAM [ARG...]");

	uid_t uid = atoi(argv[1]);
	uint64_t caps = parse_caps(argv[2]);

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (!(caps >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			err(1, "drop capability %d", cap);
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		err(1, "become user %d", uid);
	set_caps(caps);
	for (int cap = 0; cap < 64; cap++) {
		if (caps >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			err(1, "raise capability %d", cap);
	}
	execv(argv[3], argv + 3);
	err(1, "%s", argv[3]);
}
