"""The exception that reports a user's mistake."""


class UserError(Exception):
    """A mistake that the user can correct. The message names the file or key, what is wrong, and what to do."""
