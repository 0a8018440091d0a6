"""Revelado: raw product photos in, catalogue pictures out, without losing a photo, a job or a cent."""
