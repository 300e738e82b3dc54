"""`python -m barograph`."""

from barograph.cli import main

main()
