"""Measurements of Countersign against peers, by hand: never a part of ./test."""
