"""`python -m callcenter`."""

import signal

# Ctrl-C while the program is still being read ends it without a word; `main` listens properly.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from callcenter.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
