"""What a harness tried and what it found."""


class Tried:
    """The tries of a harness; each is printed when it ends."""

    def __init__(self, promise: str) -> None:
        self.promise = promise
        self.tried = self.held = 0
        self.broken: list[str] = []

    def add(self, what: str, wrong: list[str]) -> None:
        """Count a try, and what was wrong in it."""
        self.tried += 1
        self.held += not wrong
        self.broken += [f"{what}: {each}" for each in wrong]
        print(f"{self.promise} {self.tried}: {what}: {'; '.join(wrong) or 'held'}", flush=True)

    def summary(self) -> str:
        """Return a line with the counts."""
        return f"{self.promise}: {self.tried} tried, {self.held} held"
