"""Mediation of disputes: consent, sessions, agreement or record of failure, follow-up, dossier."""
