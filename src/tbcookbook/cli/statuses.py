"""The exit statuses of the command line."""

AS_EXPECTED = 0
DIFFERS = 1
BAD_INPUT = 2  # bad usage too, and a machine that lacks what is needed
INTERNAL_ERROR = 70  # a fault of ours, EX_SOFTWARE of sysexits.h: never taken for "something differs"
INTERRUPTED = 130
NOBODY_READS = 141  # 128 + SIGPIPE, as of a program that knows nothing of it: `tbcookbook list | head -1`
