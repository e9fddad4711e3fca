"""Graded access to classified government datasets for CKAN."""
