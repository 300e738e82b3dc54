"""The register: pages, imports, examples."""
