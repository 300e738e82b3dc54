"""Fuzz targets, run by hand where atheris is installed; no test imports them."""
