"""Kill a training at many moments and start it again, as `python -m tests.training.killing KILLS SEED`.

Runs in a folder with params.yaml and s.db. Trains `whole` undisturbed, then `killed` over and over. A process
with torch loaded forks each training, so that it starts in a moment. Prints as JSON how many trainings were killed,
how many started from a checkpoint and the hashes of all weights. A training that fails ends the program.
"""

import hashlib
import json
import os
import random
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline import train
from pipeline.training import train_language_model  # noqa: F401 # imported once, before the forks

CALLS = 100_000  # function calls: four steps with their checkpoints, or two and the end of an epoch


def start(name: str, dies_after: tuple[int, int] | None = None) -> int:
    """Start training the model `gru` into the folder `name` in a separate process; return its id."""
    pid = os.fork()
    if not pid:
        sys.stderr = Path(f"{name}.log").open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 # the child's, to its end
        try:
            if dies_after:
                die_after(*dies_after)
            train.main(["gru", "s.db", name, "--metrics", f"{name}.json"])
        except BaseException:  # the child must never go on as its parent
            os._exit(1)
        os._exit(0)
    return pid


def die_after(checkpoints: int, calls: int) -> None:
    """Kill this process `calls` function calls after it has written so many checkpoints.

    Such a moment lies anywhere in a step, a save or a validation, and does not depend on how busy the machine is.
    """

    def count(frame: FrameType, event: str, called: Any) -> None:
        nonlocal checkpoints, calls
        if event == "c_return" and called is os.replace:  # gives a checkpoint its name
            checkpoints -= 1
        calls -= checkpoints <= 0
        if calls < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def ended_well(pid: int) -> bool:
    """Wait for a training; return False if it was killed."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    if status:
        sys.exit("a training failed; see killed.log")
    return True


def main(kills: int, seed: int) -> None:
    """Train until `kills` trainings have been killed, then once more to the end."""
    chance = random.Random(seed)
    ended_well(start("whole"))
    weights = {digest("whole")}
    killed = resumed = 0
    while killed < kills:
        resumed += a_checkpoint_is_there()
        if ended_well(start("killed", dies_after=(chance.randint(1, 3), chance.randrange(CALLS)))):
            weights.add(digest("killed"))
        else:
            killed += 1
    resumed += a_checkpoint_is_there()
    ended_well(start("killed"))
    weights.add(digest("killed"))
    print(json.dumps({"killed": killed, "resumed": resumed, "weights": sorted(weights)}))


def a_checkpoint_is_there() -> bool:
    return any(Path().glob(".killed.*.checkpoint"))


def digest(name: str) -> str:
    """Return a hash of the weights that a training left."""
    return hashlib.sha256(Path(name, "weights.pt").read_bytes()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
