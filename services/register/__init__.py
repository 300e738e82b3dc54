"""The register: communities, zones, posts, people, programmes, calendars and policies."""
