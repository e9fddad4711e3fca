"""Who is asking, and how surely that is known: sign-in, standing, provisioning."""

from .candidates import Candidate, DirectoryUnavailable, candidate
from .standing import current_subject, look_again, subject_for, subject_of_user, subject_signed_in
from .surroundings import current_environment

__all__ = [
    "Candidate",
    "DirectoryUnavailable",
    "candidate",
    "current_environment",
    "current_subject",
    "look_again",
    "subject_for",
    "subject_of_user",
    "subject_signed_in",
]
