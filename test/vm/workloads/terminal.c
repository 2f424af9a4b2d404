/* terminal MARK ACTION PROGRAM [ARGUMENT]...: runs a program on a terminal of its own and copies what
 * it writes there; at the first MARK in that, ACTION: "interrupt" types ^C, "hangup" takes the
 * terminal away. Says in the end how the program ended, as a shell would. */
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[1 << 20];

static void copy_output(int terminal, const char *mark, const char *action)
{
	size_t length = 0;
	int is_done = 0;
	ssize_t count;

	/* Fails when the last one who had it open is gone. */
	while ((count = read(terminal, text + length, sizeof(text) - 1 - length)) > 0) {
		fwrite(text + length, 1, count, stdout);
		fflush(stdout);
		length += count;
		text[length] = '\0';
		if (is_done || !strstr(text, mark))
			continue;
		is_done = 1;
		if (!strcmp(action, "hangup"))
			break;
		if (write(terminal, "\003", 1) != 1)
			break;
	}
	close(terminal);
}

int main(int argc, char **argv)
{
	int terminal, status;
	pid_t pid;

	if (argc < 4)
		return 2;
	pid = forkpty(&terminal, NULL, NULL, NULL);
	if (pid == 0) {
		execv(argv[3], argv + 3);
		_exit(127);
	}
	if (pid < 0) {
		perror("forkpty");
		return 1;
	}
	copy_output(terminal, argv[1], argv[2]);
	waitpid(pid, &status, 0);
	printf("status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
