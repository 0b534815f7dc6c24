"""The feed out: OAI-PMH 2.0 for partners, Atom for readers, a sitemap for search engines."""
