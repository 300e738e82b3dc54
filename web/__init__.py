"""How people meet the software: pages, forms, sessions and words, shared by services that show pages."""
