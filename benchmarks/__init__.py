"""Speed, as ratios against yardsticks that are measured in the same run: `make bench`."""
