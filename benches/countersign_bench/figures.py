"""Minimum, median and maximum, ratios pair by pair, and tables of them."""

from statistics import median


def spread(values):
    values = list(values)
    return {"min": min(values), "median": median(values), "max": max(values), "values": values}


def ratios(ours, theirs):
    """Ours over theirs, repetition by repetition: the two of a pair ran within seconds of each other, so that a machine
    whose speed drifts shifts both."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def text(figure, digits=1):
    return f"{figure['min']:.{digits}f} / {figure['median']:.{digits}f} / {figure['max']:.{digits}f}"


def table(head, rows):
    """Prints rows under a head, as a Markdown table."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
    print(flush=True)


def verdict(reached, target):
    return f"{'reached' if reached else 'MISSED'} ({target})"
