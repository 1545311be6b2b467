"""What a user's mistake is told by."""


class UserError(Exception):
    """Something the user can mend. The message names the file or key, what was found, and what to do."""
