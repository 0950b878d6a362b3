"""``python -m tbcookbook``."""

from tbcookbook.cli import main

main()
