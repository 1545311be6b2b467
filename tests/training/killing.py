"""Kill a training at random moments and start it again, as `python -m tests.training.killing KILLS SEED`.

Runs in a folder with params.yaml and s.db; trains `whole` undisturbed and then `killed` over and over. A process
with torch loaded forks each training: it starts in a moment. Prints, as JSON, how many trainings were
killed and how many came to their end, and the hashes of all weights; a training that fails ends it all.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from pipeline import train


def start(name: str) -> int:
    """A training of the model `gru` into the folder `name`, in a process of its own; returns its id."""
    pid = os.fork()
    if not pid:
        sys.stderr = Path(f"{name}.log").open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 # the child's, to its end
        try:
            train.main(["gru", "s.db", name, "--metrics", f"{name}.json"])
        except BaseException:  # the child must never go on as its parent
            os._exit(1)
        os._exit(0)
    return pid


def ended_well(pid: int) -> bool:
    """Wait for a training; False if it was killed."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    if status:
        sys.exit("a training failed; see killed.log")
    return True


def main(kills: int, seed: int) -> None:
    """Kill `kills` trainings, at such moments that about half of them have done a step, however busy the machine."""
    chance = random.Random(seed)
    ended_well(start("whole"))
    weights = {digest("whole")}
    killed = ended = 0
    longest = 0.5  # seconds
    while killed < kills:
        before = checkpoints()
        pid = start("killed")
        time.sleep(chance.random() * longest)
        os.kill(pid, signal.SIGKILL)
        if ended_well(pid):
            weights.add(digest("killed"))
            ended += 1
            longest *= 0.9
        else:
            killed += 1
            longest *= 1.1 if checkpoints() == before else 0.9
    ended_well(start("killed"))
    weights.add(digest("killed"))
    print(json.dumps({"killed": killed, "ended": ended, "weights": sorted(weights)}))


def checkpoints() -> set[tuple[str, int]]:
    """The checkpoints that lie here, and when each was written."""
    return {(path.name, path.stat().st_mtime_ns) for path in Path().glob(".killed.*.checkpoint")}


def digest(name: str) -> str:
    """A hash of the weights that a training left."""
    return hashlib.sha256(Path(name, "weights.pt").read_bytes()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
