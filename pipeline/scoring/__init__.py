"""How well language models predict a split, place by place."""
