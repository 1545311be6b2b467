import pipeline as pipeline  # before torch loads: it says how long threads spin while they wait
